"""What was given until a time is over with it everywhere, and nothing of it comes back later."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest import MonkeyPatch

from accounts.actions.members import take_out
from accounts.actions.organizations import add_member
from accounts.actions.tokens import create_token
from accounts.errors import Conflict
from accounts.models import Admission, Consent, Event
from accounts.reach import due_access
from accounts.tenancy import unit_of_work
from orchestration.models import AccessRequest
from tests.accounts.service_house import consented, registered
from tests.cast import Cast, signed_in
from tests.orchestration.asking_people import answer, ask, sweep, travel
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.actions.participants import add_participant
from workrooms.models import Participant, Workroom

HOUR = timedelta(hours=1)
ROOM = "/api/v1/workrooms/auto-claims"
PAGES = ("", "search/?q=xyzzy", "away/", "settings/", "access/", "consents/")
CALLS = ("/api/v1/workrooms", "/api/v1/me", f"{ROOM}/messages", f"{ROOM}/search?q=xyzzy", f"{ROOM}/audit.jsonl")


def lent(cast: Cast) -> Workroom:
    """Charlie is an editor for an hour; the room as it is then."""
    answer(cast, ask(cast, cast.charlie, timezone.now() + HOUR, kind="relation", relation="editor"), cast.alice)
    with unit_of_work(cast.harbor):
        return Workroom.objects.get(pk=cast.room.pk)


def test_nothing_of_the_room_is_left_on_any_page(cast: Cast, monkeypatch: MonkeyPatch) -> None:
    room, charlie = lent(cast), signed_in(cast.charlie)
    with unit_of_work(cast.harbor):
        post_message(room, actor=cast.alice, body="xyzzy for @charlie")
        add_document(room, actor=cast.alice, name="xyzzy.md", content=b"xyzzy")
        _, secret = create_token(cast.harbor, actor=cast.charlie, name="own", verbs=())
    token = {"Authorization": f"Bearer {secret}"}

    def told() -> set[str]:
        pages = {path: charlie.get(f"/o/harbor/{path}").content for path in PAGES}
        pages["inbox"] = charlie.get("/approvals/").content
        answers = {path: Client().get(path, headers=token) for path in CALLS}
        read = {path: b"".join(one) if one.streaming else one.content for path, one in answers.items()}
        marks = (b"Auto claims", b"xyzzy.md", b"xyzzy for", str(room.id).encode())
        return {path for path, text in (pages | read).items() if any(mark in text for mark in marks)}

    assert told() == {*PAGES, "inbox", *CALLS}
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    assert told() == set()


def test_consents_end_with_a_relation_that_was_lent(cast: Cast) -> None:
    program, room = registered(cast), lent(cast)
    consented(program, cast.charlie, room)
    token = program.bearer(cast.charlie, "auto-claims", "messages.read")
    assert Client().get(f"{ROOM}/messages", headers=token).status_code == 200
    sweep(cast)
    assert Client().get(f"{ROOM}/messages", headers=token).status_code == 401
    with unit_of_work(cast.harbor):
        assert not Consent.objects.filter(revoked_at=None).exists()
        assert Event.objects.get(kind="consent.revoked").actor == "system"
        add_participant(Workroom.objects.get(pk=room.pk), actor=cast.alice, user=cast.charlie, relation="editor")
    assert program.token(cast.charlie, "auto-claims", "messages.read").json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["document", "relation"])
def test_who_left_the_organization_is_given_nothing(cast: Cast, kind: str) -> None:
    with unit_of_work(cast.harbor):
        paper = add_document(cast.room, actor=cast.alice, name="paper.md", content=b"secret")
    row = ask(cast, cast.charlie, None, kind=kind, document=str(paper.id), relation="editor")
    with unit_of_work(cast.harbor):
        take_out(cast.harbor, actor=cast.alice, user_id=cast.charlie.id)
    with pytest.raises(Conflict, match="does not belong to this organization"):
        answer(cast, row, cast.alice)
    with unit_of_work(cast.harbor):
        assert AccessRequest.objects.get().state == "open"
        add_member(cast.harbor, actor=cast.alice, user=cast.charlie)
        assert not Admission.objects.exists() and not Participant.objects.filter(user=cast.charlie).exists()


@pytest.mark.parametrize("link", ["//[", "http://[::1/", "/o/harbor/r/\0/"])
def test_what_is_no_link_is_refused(cast: Cast, link: str) -> None:
    asked = {"link": link, "kind": "relation", "relation": "editor", "reason": "For the audit."}
    answered = signed_in(cast.vera).post("/o/harbor/access/", asked)
    assert answered.status_code == 422 and b"no link to a room" in answered.content


def test_what_is_longest_overdue_is_ended_first(cast: Cast) -> None:
    asked, given = ask(cast, cast.vera, kind="source", source="x"), lent(cast).id
    with unit_of_work(cast.harbor):
        now, kept = timezone.now(), AccessRequest.objects.get(state="granted", workroom=given)
        crowd = [
            AccessRequest(organization_id=cast.harbor.id, requester=cast.vera, kind="source", named=str(place),
                          reason="x", deadline=now - HOUR - timedelta(seconds=place % 7))
            for place in range(500)
        ]  # fmt: skip
        AccessRequest.objects.bulk_create(crowd)
        AccessRequest.objects.filter(pk=asked.pk).update(deadline=now - 2 * HOUR)
        AccessRequest.objects.filter(pk=kept.pk).update(until=now - 3 * HOUR)
    with unit_of_work(cast.harbor):
        order = [due.id for due in due_access()]
        assert (order[:2], len(order)) == ([kept.pk, asked.pk], 500)
        deadlines = dict(AccessRequest.objects.values_list("id", "deadline"))
        assert [deadlines[pk] for pk in order[1:]] == sorted(deadlines[pk] for pk in order[1:])
