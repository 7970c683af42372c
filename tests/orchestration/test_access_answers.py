"""Who answers a request for access, once; and what is told to who asked for what they may not know of."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest import MonkeyPatch

from accounts.errors import Conflict, Invalid
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.access.deciding import come_due
from orchestration.models import AccessRequest
from orchestration.pages.foresight import Cell, matrix
from tests.cast import Cast, signed_in
from tests.orchestration.asking_people import abilities, answer, ask, travel
from tests.orchestration.claims_room import furnish
from tests.orchestration.offices import Program
from workrooms.actions.delegating import delegate
from workrooms.actions.documents import add_document
from workrooms.actions.participants import change_relation
from workrooms.models import Workroom

HOUR = timedelta(hours=1)
EDITOR: dict[str, Any] = {"kind": "relation", "relation": "editor"}


def path(row: AccessRequest, tail: str = "") -> str:
    return f"/access-requests/{row.id}{tail}"


def test_it_is_answered_once(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        change_relation(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat, relation="owner")
    row, alice, pat = ask(cast, cast.vera, **EDITOR), Program(cast, cast.alice), Program(cast, cast.pat)
    assert alice.send("POST", path(row, "/decisions"), {"decision": "deny"}, status=422)["errors"][0]["path"] == "note"
    assert alice.send("POST", path(row, "/decisions"), {"decision": "approve"}, status=201)["holds"] is True
    after = abilities(cast)
    late = pat.send("POST", path(row, "/decisions"), {"decision": "deny", "note": "No."}, status=409)
    assert late["detail"] == "Alice already decided: granted."
    assert alice.send("POST", path(row, "/decisions"), {"decision": "approve"}, status=409)
    assert abilities(cast) == after


def test_never_by_who_asked(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        change_relation(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat, relation="approver")
    row, pat = ask(cast, cast.pat, kind="relation", relation="owner"), Program(cast, cast.pat)
    assert pat.send("POST", path(row, "/decisions"), {"decision": "approve"}, status=403)["detail"] == (
        "You asked for this, so somebody else has to decide."
    )
    with unit_of_work(cast.harbor):
        delegate(actor=cast.alice, deputy=cast.pat, until=timezone.now() + HOUR)
    assert pat.send("POST", path(row, "/decisions"), {"decision": "approve"}, status=403)
    assert pat.send("POST", path(row, "/end"), {}, status=403)


def test_not_by_who_may_not_or_may_not_any_more(cast: Cast) -> None:
    row = ask(cast, cast.vera, **EDITOR)
    for who in (cast.bob, cast.olivia, cast.charlie, cast.pat):
        assert Program(cast, who).call("GET", path(row)).status_code == 404
        assert Program(cast, who).send("POST", path(row, "/decisions"), {"decision": "approve"}, status=404)
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        change_relation(room, actor=cast.alice, user=cast.pat, relation="owner")
    assert Program(cast, cast.pat).get(path(row))["may_decide"] is True
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        change_relation(room, actor=cast.alice, user=cast.pat, relation="editor")
    assert Program(cast, cast.pat).send("POST", path(row, "/decisions"), {"decision": "approve"}, status=404)
    assert Program(cast, cast.mallory, cast.outsider).call("GET", path(row)).status_code == 404


def test_too_late_is_too_late(cast: Cast, monkeypatch: MonkeyPatch) -> None:
    short = ask(cast, cast.vera, timezone.now() + HOUR, **EDITOR)
    long = ask(cast, cast.olivia, **EDITOR)
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    with pytest.raises(Conflict, match="time it was asked for is over"):
        answer(cast, short, cast.alice)
    travel(monkeypatch, timezone.now() + timedelta(days=6))
    with pytest.raises(Conflict, match="time to decide is over"):
        answer(cast, long, cast.alice)
    with unit_of_work(cast.harbor):
        come_due(long.id)
    with unit_of_work(cast.harbor):
        assert AccessRequest.objects.get(pk=long.pk).state == "expired"
        assert Event.objects.get(kind="access.expired").actor == "system"


def test_a_deputy_answers_for_who_is_away(cast: Cast) -> None:
    row = ask(cast, cast.vera, **EDITOR)
    with unit_of_work(cast.harbor):
        delegate(actor=cast.alice, deputy=cast.bob, until=timezone.now() + HOUR)
    shown = Program(cast, cast.bob).get(path(row))
    assert (shown["may_decide"], shown["for_whom"]["name"]) == (True, "Alice")
    assert [one["name"] for one in shown["deciders"]] == ["Alice", "Bob"]
    answer(cast, row, cast.bob)
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="access.granted")
        assert (event.actor, event.on_behalf_of) == (cast.bob.ledger_name, cast.alice.ledger_name)
        changed = Event.objects.filter(kind="participant.changed").latest("seq")
        assert (changed.actor, changed.on_behalf_of) == (cast.bob.ledger_name, cast.alice.ledger_name)


def told(cast: Cast, row: AccessRequest) -> dict[str, Any]:
    """What Charlie is told of a request, without what every request has of its own."""
    shown: dict[str, Any] = Program(cast, cast.charlie).get(path(row))
    page = signed_in(cast.charlie).get("/o/harbor/access/").content.decode()
    assert shown["named"][1:] in page
    return {name: value for name, value in shown.items() if name not in ("id", "named", "created_at", "deadline")}


def test_what_is_there_and_what_is_not_are_told_alike(cast: Cast, monkeypatch: MonkeyPatch) -> None:
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        paper = add_document(room, actor=cast.alice, name="secret.md", content=b"words")
    pairs = [
        (ask(cast, cast.charlie, **EDITOR), ask(cast, cast.charlie, room="auto-klaims", **EDITOR)),
        (
            ask(cast, cast.charlie, kind="document", document=str(paper.id)),
            ask(cast, cast.charlie, kind="document", document=str(cast.room.id)),
        ),
    ]
    sources = [{"kind": "source", "source": "claims", "room": room, "reason": "x"} for room in ("auto-claims", "none")]
    answers = [Program(cast, cast.charlie).send("POST", "/access-requests", given, status=404) for given in sources]
    assert answers[0] == answers[1]
    for there, missing in pairs:
        assert told(cast, there) == told(cast, missing)
        answer(cast, there, cast.alice, "deny")
        assert told(cast, there) == told(cast, missing), "a no looks like no answer"
        assert told(cast, there)["state"] == "open"
        for row in (there, missing):
            with pytest.raises(Conflict, match="asked for this already"):
                ask(cast, cast.charlie, room=row.named.rpartition(" ")[2], **_again(row))
    with unit_of_work(cast.harbor):
        own = Event.objects.filter(ledger_id=cast.harbor.id, kind="access.requested")
        assert own.count() == 4, "in the organization's ledger they look alike too"
    travel(monkeypatch, timezone.now() + timedelta(days=6))
    for there, missing in pairs:
        assert told(cast, there) == told(cast, missing)
        assert told(cast, there)["state"] == "expired"


def _again(row: AccessRequest) -> dict[str, Any]:
    if row.kind == "document":
        return {"kind": "document", "document": row.named.split(" ")[1]}
    return EDITOR


def test_withdrawn_it_waits_for_nobody(cast: Cast) -> None:
    row = ask(cast, cast.vera, **EDITOR)
    vera, alice = Program(cast, cast.vera), Program(cast, cast.alice)
    assert [one["id"] for one in alice.get("/access-requests?of=open")["items"]] == [str(row.id)]
    assert vera.send("POST", path(row, "/withdraw"), {})["state"] == "withdrawn"
    assert vera.send("POST", path(row, "/withdraw"), {}, status=409)
    assert alice.get("/access-requests?of=open")["items"] == []
    assert alice.send("POST", path(row, "/decisions"), {"decision": "approve"}, status=409)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "everything"},
        {"relation": "agent"},
        {"reason": "  "},
        {"reason": "x" * 1001},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2090-01-01T00:00:00Z"},
        {"kind": "document", "document": "one.md"},
        {"room": ""},
    ],
)
def test_what_cannot_be_asked_is_named(cast: Cast, wrong: dict[str, str]) -> None:
    given = {"room": "auto-claims", "reason": "For the audit.", **EDITOR, **wrong}
    found = Program(cast, cast.vera).send("POST", "/access-requests", given, status=422)
    assert found["errors"], found
    with unit_of_work(cast.harbor):
        assert not AccessRequest.objects.exists()


def test_what_one_has_is_not_asked_for(cast: Cast) -> None:
    with pytest.raises(Conflict, match="You are editor of Auto claims already"):
        ask(cast, cast.bob, kind="relation", relation="auditor")
    with pytest.raises(Invalid):
        ask(cast, cast.bob, kind="relation", relation="king")
    ask(cast, cast.bob, kind="relation", relation="owner")
    with pytest.raises(Conflict, match="asked for this already"):
        ask(cast, cast.bob, kind="relation", relation="owner", room=str(cast.room.id))


def test_on_the_pages(cast: Cast) -> None:
    until = f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    posted = {"link": f"http://testserver{cast.path}people/", "reason": "For the audit.", "until": until, **EDITOR}
    vera, alice = signed_in(cast.vera), signed_in(cast.alice)
    assert vera.post("/o/harbor/access/", {**posted, "link": "/o/harbor/"}).status_code == 422
    assert vera.post("/o/harbor/access/", posted).status_code == 302
    with unit_of_work(cast.harbor):
        row = AccessRequest.objects.get()
    inbox = alice.get("/approvals/").content.decode()
    assert "Vera asks to be editor of Auto claims" in inbox and "1 decision waits for you" in inbox
    assert "1" in alice.get("/approvals/badge/").content.decode()
    assert "1" not in signed_in(cast.pat).get("/approvals/badge/").content.decode()
    card = alice.get(f"/approvals/access/{row.id}/").content.decode()
    assert "Vera is editor of Auto claims, until" in card and "“For the audit.”" in card
    assert vera.get(f"/approvals/access/{row.id}/").status_code == 302
    refused = alice.post(f"/approvals/access/{row.id}/decisions/", {"decision": "deny", "note": ""})
    assert refused.status_code == 422 and b"expected 1 to 1000" in refused.content
    assert alice.post(f"/approvals/access/{row.id}/decisions/", {"decision": "approve"}).status_code == 302
    authority = alice.get(f"{cast.path}authority/").content.decode()
    assert "Vera is editor of Auto claims" in authority and "given by Alice" in authority
    assert "editor until" in alice.get(f"{cast.path}people/").content.decode()
    assert "Given by Alice" in vera.get("/o/harbor/access/").content.decode()
    assert vera.post(f"{cast.path}authority/access/{row.id}/end/").status_code == 403
    assert alice.post(f"{cast.path}authority/access/{row.id}/end/").status_code == 302
    assert "holds no more" in vera.get("/o/harbor/access/").content.decode()


def test_what_agents_could_do_for_somebody_follows_and_names_the_path(
    cast: Cast, tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    furnish(cast, tmp_path)

    def foreseen() -> list[Cell]:
        with unit_of_work(cast.harbor):
            cells = matrix(Workroom.objects.get(pk=cast.room.pk), cast.vera)
        written = [cell for cell in cells if cell.tool == "documents.write"]
        assert written, "an agent of the claims team writes documents"
        return written

    def by_person() -> set[str]:
        return {factor.outcome for cell in foreseen() for factor in cell.decision.factors if factor.name == "person"}

    assert by_person() == {"deny"}, "a viewer changes no documents"
    answer(cast, ask(cast, cast.vera, timezone.now() + HOUR, **EDITOR), cast.alice)
    assert by_person() == {"permit"}
    assert all(cell.path.startswith("Vera is editor of Auto claims, given by Alice on ") for cell in foreseen())
    assert all(" until " in cell.path for cell in foreseen())
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    assert by_person() == {"deny"}
    assert all(cell.path == "Vera is viewer of Auto claims" for cell in foreseen())
