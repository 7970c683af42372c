"""Erasure, legal holds and retention: content becomes unreadable, the log still holds, and a hold keeps everything."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.actions.exports import chunks, export_ledger
from accounts.actions.keeping import erase_payloads, lift_hold, set_hold, set_retention
from accounts.errors import Conflict, Invalid
from accounts.ledger import verify
from accounts.ledger.checkpoints import make_checkpoint
from accounts.models import Event, Ledger, SigningKey
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from tests.servers import Cleaner
from workrooms import tasks
from workrooms.actions.documents import add_document
from workrooms.actions.erasing import erase_subject
from workrooms.actions.messages import edit_message, post_message
from workrooms.models import Correction, Message, Revision

SECRET = "Erika Mustermann"


@pytest.fixture
def spoken(cast: Cast) -> Cast:
    """Bob and Pat have written; one message, its history and one document name the subject."""
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body=f"The claim of {SECRET} is in")
        edit_message(message, actor=cast.bob, body=f"The claim of {SECRET} is complete")
        post_message(cast.room, actor=cast.pat, body="Nothing about anybody")
        add_document(cast.room, actor=cast.pat, name="report.txt", content=f"Driver: {SECRET}, sober".encode())
    return cast


def erase(cast: Cast) -> dict[str, int]:
    with unit_of_work(cast.harbor):
        return erase_subject(cast.room, actor=cast.alice, words=[SECRET.lower()], reason="Request 12")


def exported(cast: Cast) -> bytes:
    with unit_of_work(cast.harbor):
        ledger = Ledger.objects.get(pk=cast.room.id)
        return b"".join(
            chunks(export_ledger(actor=cast.olivia, ledger=ledger, room="auto-claims", asked={}, form="jsonl"))
        )


def everything(cast: Cast) -> str:
    """All text that the room's tables, files and log still hold."""
    with unit_of_work(cast.harbor):
        rows = [
            *Message.objects.values("body", "html"),
            *Correction.objects.values("body"),
            *Event.objects.values("payload"),
        ]
        revisions = list(Revision.objects.select_related("document"))
        files = [default_storage.open(revision.file.name).read().decode() for revision in revisions]
        return json.dumps([rows, [(each.text, each.document.name) for each in revisions], files])


def test_what_names_the_subject_is_unreadable_and_the_rest_is_not(spoken: Cast) -> None:
    assert everything(spoken).count(SECRET) == 7
    with unit_of_work(spoken.harbor):
        checkpoint = verify.read_checkpoint(make_checkpoint(spoken.room.id).note)
    counts = erase(spoken)
    assert (counts["messages"], counts["documents"]) == (1, 1)
    kept = everything(spoken)
    assert SECRET.lower() not in kept.lower()
    assert "Nothing about anybody" in kept
    with unit_of_work(spoken.harbor):
        key = bytes(SigningKey.objects.get().public)
        told = Event.objects.get(kind="subject.erased").payload
    assert told == {"reason": "Request 12", "words": 1, **counts}
    events, erased, _ = verify.check(io.BytesIO(exported(spoken)), key, [checkpoint])
    assert erased == counts["events"] == 3
    assert events > erased


def test_all_that_a_person_wrote_is_unreadable(spoken: Cast) -> None:
    with unit_of_work(spoken.harbor):
        counts = erase_subject(spoken.room, actor=spoken.alice, person=spoken.pat, reason="Left, request 13")
        assert counts["messages"] == counts["documents"] == 1
        pats = Event.objects.filter(actor=spoken.pat.ledger_name, ledger_id=spoken.room.id)
        assert {event.payload for event in pats} == {None}
        assert Message.objects.get(author=spoken.bob).body
        assert Message.objects.get(author=spoken.pat).body == ""


def test_a_legal_hold_keeps_everything_even_from_the_function_itself(spoken: Cast) -> None:
    before = everything(spoken)
    with unit_of_work(spoken.harbor):
        hold = set_hold(spoken.room.id, actor=spoken.alice, reason="Case 4 C 12/26")
    with pytest.raises(Conflict, match="legal hold keeps it"):
        erase(spoken)
    with unit_of_work(spoken.harbor), pytest.raises(Conflict, match="legal hold"):
        erase_payloads(spoken.room.id, [1])
    assert everything(spoken).count(SECRET) == before.count(SECRET)
    with unit_of_work(spoken.harbor):
        lift_hold(spoken.room.id, hold.id, actor=spoken.alice)
    assert erase(spoken)["messages"] == 1
    with unit_of_work(spoken.harbor):
        told = Event.objects.filter(ledger_id=spoken.room.id, kind__startswith="hold.").order_by("seq")
        assert [(event.kind, event.payload) for event in told] == [
            ("hold.set", {"reason": "Case 4 C 12/26"}),
            ("hold.lifted", {"reason": "Case 4 C 12/26"}),
        ]


def test_a_hold_on_the_organization_keeps_its_rooms(spoken: Cast) -> None:
    with unit_of_work(spoken.harbor):
        set_hold(spoken.harbor.id, actor=spoken.alice, reason="Audit")
    with pytest.raises(Conflict):
        erase(spoken)


def test_the_function_reaches_no_other_tenant(spoken: Cast) -> None:
    with unit_of_work(spoken.outsider), pytest.raises(Exception, match="there is no ledger"):
        erase_payloads(spoken.room.id, [1, 2, 3])
    with unit_of_work(spoken.harbor):
        assert not Event.objects.filter(payload=None).exists()


def test_what_is_too_old_is_erased_and_what_is_held_is_not(spoken: Cast, cleaner: Cleaner) -> None:
    old = timezone.now() - timedelta(days=31)
    aged = cleaner.connection
    aged.execute("UPDATE workrooms_message SET created_at = %s WHERE body LIKE %s", [old, "%complete"])
    aged.execute("UPDATE accounts_event SET at = %s WHERE kind LIKE 'message.%%' AND seq < 20", [old])
    with unit_of_work(spoken.harbor):
        set_retention(spoken.room.id, actor=spoken.alice, days=30)
        hold = set_hold(spoken.room.id, actor=spoken.alice, reason="Case")
    tasks.enforce_retention()
    assert SECRET in everything(spoken)
    with unit_of_work(spoken.harbor):
        lift_hold(spoken.room.id, hold.id, actor=spoken.alice)
    tasks.enforce_retention()
    tasks.enforce_retention()
    with unit_of_work(spoken.harbor):
        assert {message.body for message in Message.objects.all()} == {"", "Nothing about anybody"}
        told = Event.objects.get(kind="retention.enforced").payload
        assert (told["days"], told["messages"], told["documents"]) == (30, 1, 0)
        assert told["events"] > 0
        assert Event.objects.get(kind="retention.set").payload == {"days": 30, "before": None}


@pytest.mark.parametrize("asked", [{"words": ["ab"]}, {"words": []}, {"words": ["x" * 3] * 21}])
def test_what_is_not_clear_is_not_erased(cast: Cast, asked: dict[str, Any]) -> None:
    with unit_of_work(cast.harbor), pytest.raises(Invalid):
        erase_subject(cast.room, actor=cast.alice, reason="Request", **asked)
    with unit_of_work(cast.harbor), pytest.raises(Invalid, match="not clear"):
        erase_subject(cast.room, actor=cast.alice, words=["Mustermann"], reason=" ")


def test_owners_keep_and_erase_over_the_api_and_nobody_else(spoken: Cast) -> None:
    base = f"/api/v1/workrooms/{spoken.room.slug}"
    owner, editor = signed_in(spoken.alice), signed_in(spoken.bob)
    json_body: dict[str, Any] = {"content_type": "application/json"}
    assert editor.post(f"{base}/holds", {"reason": "x"}, **json_body).status_code == 403
    held = owner.post(f"{base}/holds", {"reason": "Case"}, **json_body)
    assert held.status_code == 201
    asked = {"words": [SECRET], "reason": "Request 14"}
    refused = owner.post(f"{base}/erasures", asked, **json_body)
    assert (refused.status_code, "legal hold" in refused.json()["detail"]) == (409, True)
    assert owner.delete(f"{base}/holds/{held.json()['id']}").json()["lifted_at"]
    assert owner.post(f"{base}/erasures", asked, **json_body).json()["messages"] == 1
    assert owner.put(f"{base}/retention", {"days": 90}, **json_body).json() == {"days": 90}
    assert owner.get(f"{base}/retention").json() == {"days": 90}
    assert editor.put(f"{base}/retention", {"days": 1}, **json_body).status_code == 403


def test_the_page_sets_a_hold_lifts_it_and_erases(spoken: Cast) -> None:
    owner = signed_in(spoken.alice)
    page = f"{spoken.path}keeping/"
    assert owner.post(f"{page}holds/", {"reason": ""}).status_code == 422
    assert owner.post(f"{page}holds/", {"reason": "Case 7"}).status_code == 302
    assert "Case 7" in owner.get(page).content.decode()
    with unit_of_work(spoken.harbor):
        hold = Ledger.objects.get(pk=spoken.room.id).holds.get()
    assert owner.post(f"{page}holds/{hold.id}/lift/").status_code == 302
    assert owner.post(f"{page}retention/", {"days": "soon"}).status_code == 422
    said = owner.post(f"{page}erasures/", {"words": f"{SECRET}\n", "reason": "Request 15"}).content.decode()
    assert "Erased: 1 message, 1 document" in said
    assert signed_in(spoken.bob).get(page).status_code == 403
