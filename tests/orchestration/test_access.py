"""A request for access that is approved gives exactly what was asked for, until the time that was asked for."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest import MonkeyPatch

from accounts.errors import NotFound
from accounts.labelling import set_label
from accounts.models import Event, Membership, User
from accounts.relations import PEOPLE_RELATIONS, PERMISSIONS
from accounts.tenancy import unit_of_work
from orchestration.access.deciding import come_due, take_access_back
from orchestration.models import AccessRequest
from tests.cast import RELATIONS, Cast, signed_in
from tests.orchestration.asking_people import abilities, answer, ask, sweep, travel
from tests.orchestration.claims_room import furnish
from tests.orchestration.offices import Program
from workrooms.actions.clearances import clear_person
from workrooms.actions.documents import add_document
from workrooms.actions.erasing import erase_subject
from workrooms.actions.participants import add_participant, change_relation
from workrooms.actions.rooms import create_workroom
from workrooms.models import Document, Participant, Workroom

HOUR = timedelta(hours=1)
HELD: dict[str, frozenset[str]] = {name: PERMISSIONS[relation] for name, relation in RELATIONS.items()}
HELD["charlie"] = frozenset()
RAISES = [(who, to) for who, held in HELD.items() for to in PEOPLE_RELATIONS if held < PERMISSIONS[to]]


@pytest.mark.parametrize(("who", "relation"), RAISES)
@pytest.mark.parametrize("lasts", [True, False])
def test_a_relation_gives_what_was_asked_and_ends_at_its_time(
    cast: Cast, who: str, relation: str, lasts: bool, monkeypatch: MonkeyPatch
) -> None:
    before, person = abilities(cast), getattr(cast, who)
    until = None if lasts else timezone.now() + HOUR
    row = ask(cast, person, until, kind="relation", relation=relation)
    assert abilities(cast) == before, "asking gives nothing"
    answer(cast, row, cast.alice)
    gained = {(who, f"{codename} in auto-claims") for codename in PERMISSIONS[relation] - HELD[who]}
    assert abilities(cast) == before | gained
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    assert abilities(cast) == (before | gained if lasts else before), "it ends without anybody's doing"
    with unit_of_work(cast.harbor):
        come_due(row.id)
        now = Participant.objects.filter(user=person, workroom=cast.room).first()
        assert (now.relation if now else None) == (relation if lasts else RELATIONS.get(who))
    assert abilities(cast) == (before | gained if lasts else before)


@pytest.fixture
def papers(cast: Cast) -> list[Document]:
    """Two confidential documents, and Vera, who is cleared for what is internal."""
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        made = [add_document(room, actor=cast.bob, name=f"{n}.md", content=b"the secret word") for n in ("one", "two")]
        for row in made:
            set_label(f"document:{row.id}", {"level": "confidential"}, actor=cast.alice)
        clear_person(cast.vera, actor=cast.alice, level="internal")
    return made


def test_a_document_above_a_clearance_is_given_alone(
    cast: Cast, papers: list[Document], monkeypatch: MonkeyPatch
) -> None:
    one = papers[0]
    with unit_of_work(cast.harbor):
        change_relation(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat, relation="owner")
    before = abilities(cast)
    row = ask(cast, cast.vera, timezone.now() + HOUR, kind="document", document=str(one.id))
    assert [person["name"] for person in Program(cast, cast.alice).get(f"/access-requests/{row.id}")["deciders"]] == [
        "Alice"
    ], "Pat owns the room, but only owners of the organization clear people"
    answer(cast, row, cast.alice)
    assert abilities(cast) == before | {("vera", "reads one.md"), ("vera", "was given one.md")}
    vera = signed_in(cast.vera)
    assert vera.get(f"{cast.path}docs/{one.id}/").status_code == 200
    assert vera.get(f"{cast.path}docs/{papers[1].id}/").status_code == 404
    assert [one["name"] for one in Program(cast, cast.vera).get("/workrooms/auto-claims/documents")["items"]] == [
        "one.md"
    ]
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    assert abilities(cast) == before


def test_who_is_not_in_the_room_is_given_the_document_and_no_room(cast: Cast, papers: list[Document]) -> None:
    before, charlie = abilities(cast), signed_in(cast.charlie)
    row = ask(cast, cast.charlie, kind="document", document=str(papers[1].id))
    answer(cast, row, cast.alice)
    assert abilities(cast) == before | {("charlie", "was given two.md")}
    given = f"/o/harbor/access/documents/{papers[1].id}/"
    assert b"the secret word" in charlie.get(given).content
    assert b"".join(charlie.get(f"{given}content/").streaming_content) == b"the secret word"  # type: ignore[attr-defined]
    for tail in ("", f"docs/{papers[1].id}/", "docs/", "people/", "authority/"):
        assert charlie.get(f"{cast.path}{tail}").status_code == 404
    with unit_of_work(cast.harbor):
        opened = Event.objects.filter(kind__startswith="document.", actor=cast.charlie.ledger_name)
        assert set(opened.values_list("kind", flat=True)) == {"document.opened", "document.downloaded"}
        take_access_back(row, actor=cast.alice)
    assert charlie.get(given).status_code == 404
    assert abilities(cast) == before


def test_a_source_is_given_to_one_room_until_a_time(cast: Cast, tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        create_workroom(cast.harbor, actor=cast.alice, name="Fleet", slug="fleet")
    before = abilities(cast)
    row = ask(cast, cast.alice, timezone.now() + HOUR, kind="source", source="claims", room="fleet")
    with pytest.raises(NotFound):
        answer(cast, row, cast.bob)
    with unit_of_work(cast.harbor):
        fleet = Workroom.objects.get(slug="fleet")
        second = _second_owner(cast, fleet)
    answer(cast, row, second)
    assert ("agents", "query claims in fleet") in abilities(cast) - before
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    assert ("agents", "query claims in fleet") not in abilities(cast)
    with unit_of_work(cast.harbor):
        come_due(row.id)
        assert AccessRequest.objects.get(pk=row.pk).ended_at is not None


def _second_owner(cast: Cast, room: Workroom) -> User:
    Membership.objects.filter(user=cast.pat).update(role="owner")
    add_participant(room, actor=cast.alice, user=cast.pat, relation="owner")
    return cast.pat


def test_what_is_given_anew_replaces_what_was_given(cast: Cast) -> None:
    first = ask(cast, cast.vera, timezone.now() + HOUR, kind="relation", relation="editor")
    answer(cast, first, cast.alice)
    second = ask(cast, cast.vera, timezone.now() + 2 * HOUR, kind="relation", relation="approver")
    answer(cast, second, cast.alice)
    with unit_of_work(cast.harbor):
        rows = {row.relation: row for row in AccessRequest.objects.filter(requester=cast.vera)}
        assert rows["editor"].ended_at is not None and rows["approver"].ended_at is None
        take_access_back(second, actor=cast.alice)
        assert Participant.objects.get(user=cast.vera).relation == "viewer"
    assert {what for who, what in abilities(cast) if who == "vera"} == {"view in auto-claims"}


def test_the_sweep_puts_the_rows_right_and_says_so(cast: Cast) -> None:
    row = ask(cast, cast.charlie, timezone.now() + HOUR, kind="relation", relation="editor")
    answer(cast, row, cast.alice)
    sweep(cast)
    with unit_of_work(cast.harbor):
        assert not Participant.objects.filter(user=cast.charlie).exists()
        told = Event.objects.filter(ledger_id=cast.room.id).order_by("-seq")[:3]
        assert {event.kind for event in told} == {"relation.revoked", "participant.removed", "access.ended"}
        assert {event.actor for event in told} == {"system"}
        asked = Event.objects.get(ledger_id=cast.room.id, kind="access.granted")
        assert row.until is not None
        assert (asked.actor, asked.payload["name"], asked.payload["until"]) == (
            cast.alice.ledger_name, "Charlie", row.until.isoformat(),
        )  # fmt: skip


def test_by_hand_the_relation_becomes_another_and_the_end_falls(cast: Cast, monkeypatch: MonkeyPatch) -> None:
    row = ask(cast, cast.vera, timezone.now() + HOUR, kind="relation", relation="editor")
    answer(cast, row, cast.alice)
    with unit_of_work(cast.harbor):
        change_relation(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.vera, relation="auditor")
    after = abilities(cast)
    travel(monkeypatch, timezone.now() + 2 * HOUR)
    with unit_of_work(cast.harbor):
        come_due(row.id)
    assert abilities(cast) == after


def test_what_is_lent_is_not_lent_on(cast: Cast) -> None:
    lent = ask(cast, cast.pat, timezone.now() + HOUR, kind="relation", relation="owner")
    waiting = ask(cast, cast.vera, kind="relation", relation="editor")
    answer(cast, lent, cast.alice)
    assert ("pat", "manage_room in auto-claims") in abilities(cast)
    with pytest.raises(NotFound):
        answer(cast, waiting, cast.pat)
    pat = signed_in(cast.pat)
    for person, relation in ((cast.pat, "editor"), (cast.vera, "owner")):
        assert pat.post(f"{cast.path}people/{person.id}/", {"relation": relation}).status_code == 403
    assert pat.post(f"{cast.path}people/", {"email": cast.charlie.email, "relation": "viewer"}).status_code == 403


def test_what_people_wrote_is_erased_with_them(cast: Cast) -> None:
    row = ask(cast, cast.vera, timezone.now() + HOUR, kind="relation", relation="editor")
    answer(cast, row, cast.alice)
    people = Program(cast, cast.alice).get("/workrooms/auto-claims/participants")["items"]
    vera = next(one for one in people if one["user"]["name"] == "Vera")
    assert (vera["relation"], vera["afterwards"]) == ("editor", "viewer") and vera["until"]
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        erase_subject(room, actor=cast.alice, person=cast.vera, reason="Asked for.")
        kept = AccessRequest.objects.get(pk=row.pk)
        assert (kept.reason, kept.note, kept.state) == ("", "", "granted")
    with unit_of_work(cast.harbor):
        assert Event.objects.get(ledger_id=cast.room.id, kind="access.requested").payload is None
