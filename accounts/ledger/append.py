"""Appending events to their chains: the last step of a unit of work."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import uuid_utils.compat as uuids
from django.db import connection, transaction
from psycopg import Cursor

from accounts.ledger.arrays import Bytes, Instants, Texts, UUIDs
from accounts.ledger.chain import prepare
from accounts.models import Ledger

COLUMNS = ("actor", "on_behalf_of", "kind", "object", "run", "turn", "decision")
ArrayOf = Callable[[Sequence[Any]], object]
ARRAYS: tuple[ArrayOf, ...] = (UUIDs, Instants, *[Texts] * 4, *[UUIDs] * 3, Texts, *[Bytes] * 4)
APPEND = f"""
SELECT first, entry_before FROM append_events(%b, %b, %b::int, {", ".join(["%b"] * len(ARRAYS))})
"""


class Entry(Protocol):
    """A timeline entry: a row that carries the number of its creation, of its last change and of the change before."""

    seq: int
    changed_seq: int
    previous: int

    def numbered(self) -> None:
        """Store the numbers."""


@dataclass(slots=True)
class Pending:
    """One recorded event that waits for its number. `published` is called with its entry after the commit."""

    ledger_id: UUID
    at: datetime
    fields: dict[str, Any]
    entry: Entry | None = None
    published: Callable[[Any], None] | None = None
    seq: int = field(default=0)


class Changed(NamedTuple):
    """An entry, and the places of the first and last events of this unit of work that changed it."""

    entry: Entry
    began: int
    last: int


def timestamp(at: datetime) -> str:
    """Return `at` as the ledger writes it: UTC, microseconds, Z."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def append(organization_id: UUID, events: Sequence[Pending]) -> None:
    """Number, seal and insert `events`, rooms' chains before the organization's; hand entries their numbers."""
    ordered = sorted(events, key=lambda event: (event.ledger_id == organization_id, event.ledger_id))
    for ledger_id, pending in groupby(ordered, key=lambda event: event.ledger_id):
        _extend(organization_id, ledger_id, list(pending))


def _extend(organization_id: UUID, ledger_id: UUID, pending: list[Pending]) -> None:
    changed = changed_entries(pending)
    first, entry_before = _answer([organization_id, *appended(ledger_id, pending, changed)])
    if first is None:
        raise Ledger.DoesNotExist(f"There is no ledger {ledger_id} in this organization.")
    for publish, entry in number(pending, changed, first, entry_before):
        transaction.on_commit(partial(publish, copy(entry)))  # its owner may change it again before it is pushed
    for entry, _, _ in changed:
        entry.numbered()


def appended(ledger_id: UUID, pending: Sequence[Pending], changed: Sequence[Changed]) -> list[Any]:
    """Return what `append_events` is asked, but for the organization: ledger, last entry's place, an array a column."""
    columns = zip(*map(_row, pending), strict=True) if pending else ([] for _ in ARRAYS)
    arrays = (kind(column) for kind, column in zip(ARRAYS, columns, strict=True))
    return [ledger_id, changed[-1].last if changed else None, *arrays]


def number(
    pending: Sequence[Pending], changed: Sequence[Changed], first: int, entry_before: int
) -> list[tuple[Callable[[Any], None], Entry]]:
    """Give events and entries the numbers from `first` on; return what publishes which entry after the commit."""
    for place, event in enumerate(pending):
        event.seq = first + place
    published: list[tuple[Callable[[Any], None], Entry]] = []
    for entry, began, last in changed:
        entry.seq = entry.seq or first + began
        entry.previous, entry.changed_seq, entry_before = entry_before, first + last, first + last
        if (publish := pending[last].published) is not None:
            published.append((publish, entry))
    return published


def _answer(asked: list[Any]) -> tuple[int | None, int]:
    connection.ensure_connection()
    # Not Django's cursor, which writes values into the statement: arrays travel in binary and the call stays prepared.
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        answer: tuple[int | None, int] = cursor.execute(APPEND, asked).fetchone() or (None, 0)
    return answer


def _row(event: Pending) -> tuple[Any, ...]:
    """Return what `append_events` takes of an event."""
    fields = event.fields
    named = {name: None if fields[name] is None else str(fields[name]) for name in ("run", "turn", "decision")}
    prepared = prepare({**fields, **named, "at": timestamp(event.at)})
    return uuids.uuid7(), event.at, *(fields[name] for name in COLUMNS), *prepared


def changed_entries(pending: Sequence[Pending]) -> list[Changed]:
    """Return the entries changed, in the order of the last event that did."""
    found: dict[int, Changed] = {}
    for place, event in enumerate(pending):
        if event.entry:
            began = found[id(event.entry)].began if id(event.entry) in found else place
            found[id(event.entry)] = Changed(event.entry, began, place)
    return sorted(found.values(), key=attrgetter("last"))
