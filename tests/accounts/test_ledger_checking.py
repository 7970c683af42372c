"""The server checks its own ledgers: it says how far they hold, and names what someone changed behind its back."""

from uuid import UUID

import pytest

from accounts.ledger import checking
from accounts.ledger.record import record
from accounts.models import Event, Ledger
from accounts.tasks import check_ledgers
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from tests.servers import Cleaner


@pytest.fixture
def noted(cast: Cast) -> Cast:
    """Twenty notes in the room's ledger."""
    note(cast, 20)
    return cast


def note(cast: Cast, count: int) -> None:
    with unit_of_work(cast.harbor):
        for number in range(count):
            record("note.taken", actor=cast.bob, ledger=cast.room.id, payload={"n": number})


def ledger(cast: Cast) -> Ledger:
    with unit_of_work(cast.harbor):
        found: Ledger = Ledger.objects.get(pk=cast.room.id)
        return found


def tamper(cleaner: Cleaner, ledger_id: UUID, seq: int, change: str) -> None:
    cleaner.connection.execute(
        f"UPDATE accounts_event SET {change} WHERE ledger_id = %s AND seq = %s", [ledger_id, seq]
    )


def test_every_ledger_of_every_organization_is_checked_to_its_end(noted: Cast) -> None:
    check_ledgers()
    for organization in (noted.harbor, noted.outsider):
        with unit_of_work(organization):
            rows = list(Ledger.objects.all())
            assert len(rows) == 2
            assert all(row.checked_seq == row.seq > 0 and row.checked_at and row.broken_at is None for row in rows)
    note(noted, 3)
    check_ledgers()
    assert ledger(noted).checked_seq == ledger(noted).seq


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("payload = '{\"n\": 99}'", "edited: the payload"),
        ("actor = 'person:mallory'", "edited: a field"),
        ("at = at + interval '1 microsecond'", "edited: a field"),
        ("payload = NULL", "edited: payload and salt"),
        ("hash = decode(repeat('00', 32), 'hex')", "edited: its hash"),
        ("seq = 1000", "missing: the next event is"),
    ],
)
@pytest.mark.parametrize("when", ["before it was checked", "after it was checked"])
def test_a_change_in_the_database_is_named_and_logged_once(
    noted: Cast, cleaner: Cleaner, change: str, reason: str, when: str
) -> None:
    if when == "after it was checked":
        check_ledgers()
    tamper(cleaner, noted.room.id, 15, change)
    check_ledgers()
    check_ledgers()
    found = ledger(noted)
    assert found.broken_at == 15
    assert found.broken_reason.startswith(reason)
    assert found.checked_seq == 14
    with unit_of_work(noted.harbor):
        event = Event.objects.get(kind="ledger.broken")
    assert (event.ledger_id, event.payload["at"]) == (noted.harbor.id, 15)


def test_a_ledger_cut_at_its_end_is_found(noted: Cast, cleaner: Cleaner) -> None:
    last = ledger(noted).seq
    cleaner.connection.execute("DELETE FROM accounts_event WHERE ledger_id = %s AND seq = %s", [noted.room.id, last])
    check_ledgers()
    assert ledger(noted).broken_at == last
    assert "missing: events end at" in ledger(noted).broken_reason


def test_a_head_that_was_changed_is_found(noted: Cast, cleaner: Cleaner) -> None:
    cleaner.connection.execute("UPDATE accounts_ledger SET head = %s WHERE id = %s", [bytes(32), noted.room.id])
    check_ledgers()
    assert ledger(noted).broken_at == ledger(noted).seq


def test_what_is_put_right_again_holds_again(noted: Cast, cleaner: Cleaner) -> None:
    tamper(cleaner, noted.room.id, 15, "object = 'x'")
    check_ledgers()
    tamper(cleaner, noted.room.id, 15, "object = NULL")
    check_ledgers()
    assert ledger(noted).broken_at is None
    assert ledger(noted).checked_seq == ledger(noted).seq


def test_old_events_are_checked_again_slice_by_slice(
    noted: Cast, cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SLICE", 5)
    check_ledgers()
    tamper(cleaner, noted.room.id, 15, "kind = 'note.taken2'")
    found = {}
    for number in range(6):
        monkeypatch.setattr("accounts.ledger.checking.time", lambda number=number: number * checking.SECONDS_A_SLICE)
        with unit_of_work(noted.harbor):
            Ledger.objects.filter(pk=noted.room.id).update(broken_at=None, checked_seq=ledger(noted).seq)
        check_ledgers()
        found[number] = ledger(noted).broken_at
    assert 15 in found.values()
    assert None in found.values()


def test_a_long_ledger_is_checked_in_steps(noted: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "NEW_AT_ONCE", 12)
    check_ledgers()
    assert ledger(noted).checked_seq == 12
    check_ledgers()
    assert ledger(noted).checked_seq == 24


def test_what_a_model_or_a_stranger_sends_is_kept_as_a_ledger_can_hold_it_and_holds(cast: Cast) -> None:
    strange = {
        "score": 0.5,
        "count": 2**60,
        "path": "/a\0b\ud800",
        "astral": {"😀": 1, "\uffee": 2},
        "nested": [(1, 2)],
    }
    with unit_of_work(cast.harbor):
        record("note.taken", actor=cast.bob, ledger=cast.room.id, payload=strange)
    check_ledgers()
    assert ledger(cast).broken_at is None
    with unit_of_work(cast.harbor):
        kept = Event.objects.get(kind="note.taken").payload
    assert kept == {
        "score": "0.5",
        "count": str(2**60),
        "path": "/a\ufffdb\ufffd",
        "astral": {"😀": 1, "\uffee": 2},
        "nested": [[1, 2]],
    }
