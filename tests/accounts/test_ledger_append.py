"""Appending: one unbroken chain whoever writes at once, whole units of work or nothing, and no way to take back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from accounts.ledger.checking import check_ledger
from accounts.ledger.record import record
from accounts.models import Event, Ledger
from accounts.tenancy import NoOrganization, unit_of_work
from tests.cast import Cast

WRITERS, UNITS, EVENTS = 6, 5, 20


def write(cast: Cast, writer: int) -> None:
    try:
        for unit in range(UNITS):
            with unit_of_work(cast.harbor):
                for number in range(EVENTS):
                    named = {"writer": writer, "unit": unit, "number": number}
                    record("note.taken", actor=cast.bob, ledger=cast.room.id, payload=named)
                record("note.counted", actor=cast.bob)
    finally:
        connections.close_all()


def numbers(cast: Cast, ledger_id: UUID) -> list[int]:
    with unit_of_work(cast.harbor):
        return list(Event.objects.filter(ledger_id=ledger_id).order_by("seq").values_list("seq", flat=True))


def test_writers_at_once_make_one_chain_without_gaps_in_which_a_unit_of_work_stays_together(cast: Cast) -> None:
    before = len(numbers(cast, cast.room.id))
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(lambda writer: write(cast, writer), range(WRITERS)))
    for ledger_id in (cast.room.id, cast.harbor.id):
        found = numbers(cast, ledger_id)
        assert found == list(range(1, len(found) + 1))
        with unit_of_work(cast.harbor):
            check_ledger(ledger_id)
        with unit_of_work(cast.harbor):
            assert Ledger.objects.get(pk=ledger_id).checked_seq == len(found)
    with unit_of_work(cast.harbor):
        notes = [event.payload for event in Event.objects.filter(kind="note.taken").order_by("seq")]
    assert len(notes) == WRITERS * UNITS * EVENTS == len(numbers(cast, cast.room.id)) - before
    for start in range(0, len(notes), EVENTS):
        together = notes[start : start + EVENTS]
        assert {(note["writer"], note["unit"]) for note in together} == {(together[0]["writer"], together[0]["unit"])}
        assert [note["number"] for note in together] == list(range(EVENTS))


def test_a_unit_of_work_that_fails_leaves_no_event_and_no_gap(cast: Cast) -> None:
    before = numbers(cast, cast.room.id)
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        record("note.taken", actor=cast.bob, ledger=cast.room.id)
        raise ZeroDivisionError
    with unit_of_work(cast.harbor):
        record("note.taken", actor=cast.bob, ledger=cast.room.id)
    assert numbers(cast, cast.room.id) == [*before, before[-1] + 1]


@pytest.mark.parametrize("statement", ["UPDATE accounts_event SET kind = 'x'", "DELETE FROM accounts_event"])
def test_the_application_may_not_take_an_event_back(cast: Cast, statement: str) -> None:
    with (
        unit_of_work(cast.harbor),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_log_of_another_organization_is_neither_read_nor_written(cast: Cast) -> None:
    with unit_of_work(cast.outsider):
        assert not Event.objects.filter(ledger_id=cast.room.id).exists()
    with pytest.raises(Ledger.DoesNotExist), unit_of_work(cast.outsider):
        record("note.taken", actor=cast.mallory, ledger=cast.room.id)


def test_nothing_is_recorded_outside_a_unit_of_work(cast: Cast) -> None:
    with pytest.raises(NoOrganization):
        record("note.taken", actor=cast.bob, ledger=cast.room.id)


@dataclass
class Note:
    """An entry that only remembers its numbers."""

    seq: int = 0
    changed_seq: int = 0
    previous: int = 0

    def numbered(self) -> None: ...


def test_entries_link_in_the_order_of_their_last_changes(cast: Cast) -> None:
    first, second = Note(), Note()
    for entries in ([first, None, second, first], [second]):
        with unit_of_work(cast.harbor):
            for entry in entries:
                record("note.taken", actor=cast.bob, ledger=cast.room.id, entry=entry)
    start = first.seq
    assert (first.seq, first.changed_seq) == (start, start + 3)
    assert (second.seq, second.changed_seq) == (start + 2, start + 4)
    assert first.previous == start + 2
    assert second.previous == start + 3
    with unit_of_work(cast.harbor):
        assert Ledger.objects.get(pk=cast.room.id).entry_seq == start + 4
