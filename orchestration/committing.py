"""Writing a foreseen step of a run in one statement (`keep_step`), or not at all if somebody else wrote meanwhile."""

import json
from collections.abc import Callable, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from psycopg.pq import Format

from accounts.ledger.append import ARRAYS, Changed, appended, changed_entries, number
from accounts.ledger.arrays import Array
from accounts.tenancy import NotForeseen, Unit, foreseen_unit
from accounts.underway import Row, Statement, Unwritten, settle, start
from orchestration.knowing import Known
from orchestration.models import Run, Turn
from orchestration.standing import plan_of
from workrooms.models import Message

GIVEN = (
    "uuid", "uuid", "text[]", "uuid", "uuid", "uuid", "text", "jsonb", "uuid", "text", "int", "jsonb", "jsonb",
    "uuid", "int", "int", "jsonb", "jsonb", "uuid", "int",
)  # fmt: skip
PLACES = [f"${place}::{kind}" for place, kind in enumerate(GIVEN, start=1)]
PLACES += [f"${len(GIVEN) + place}" for place in range(1, len(ARRAYS) + 1)]
KEEP = Statement(
    "keep_step",
    f"SELECT first, entry_before, written FROM keep_step({', '.join(PLACES)})",
    [Format.TEXT] * len(GIVEN) + [Format.BINARY] * len(ARRAYS),
)
RUN_FIELDS = {
    "state", "reason", "result", "heal_at", "waiting_since", "waited_seconds", "started_at", "finished_at",
    "updated_at",
}  # fmt: skip
TURN_FIELDS = {
    "agent", "user", "brain", "state", "attempt", "tries", "repairs", "lease_until", "output", "findings", "saw",
    "error", "started_at", "last_activity_at", "finished_at",
}  # fmt: skip
ENTRY_FIELDS = {"kind", "html", "reply_count"}

Did = TypeVar("Did")


def foresee(known: Known, step: Callable[[Run], Did], again: Callable[[], Any]) -> Did:
    """Take one step of a known run, and have it written in one statement while the caller goes on.

    Raises NotForeseen, with nothing written, when the step needs the database; `known` is of no use then. When the run
    is no longer as it was known, Unwritten is raised by whoever asks the database next, with `again`.
    """
    thread = known.run.root_or_own.thread
    replies = thread.reply_count if thread else 0
    try:
        with foreseen_unit(known.run.organization_id) as unit:
            did = step(known.run)
    except transaction.TransactionManagementError:  # a row was to be locked: Django says so before it asks for it
        raise NotForeseen from None
    _write(known, unit, replies, again)
    return did


def make_sure(known: Known) -> None:
    """Wait until the last step is written. Raises Unwritten, also where an agent kept a failure of it to itself."""
    settle()
    if known.below is not None:
        raise Unwritten(known.below)


def _write(known: Known, unit: Unit, replies: int, again: Callable[[], Any]) -> None:
    run, events = known.run, unit.events
    if any(event.ledger_id != run.workroom_id for event in events):
        raise NotForeseen
    changed = changed_entries(events)
    as_told = [one._replace(entry=copy(one.entry)) for one in changed]  # the next step may change an entry again
    rows, appending = _rows(run, unit, replies, changed), appended(run.workroom_id, events, changed)
    make_sure(known)  # this one stands on the step before
    known.below = again

    def answered(row: Row) -> None:
        first, entry_before, written = row or (None, None, None)
        if first is None or entry_before is None or written is None:
            raise Unwritten(again)
        known.written.add(written.decode())
        known.below = None
        for publish, entry in number(events, as_told, int(first), int(entry_before)):
            transaction.on_commit(partial(publish, entry))
        for call, robust in unit.after:
            transaction.on_commit(call, robust=robust)

    start(KEEP, _parameters([*_expected(known, unit), *rows, *appending]), answered, again)


def _parameters(values: Sequence[Any]) -> list[bytes | None]:
    """Return values as a statement takes them."""
    return [value.dumped() if isinstance(value, Array) else None if value is None else str(value).encode()
            for value in values]  # fmt: skip


def _expected(known: Known, unit: Unit) -> list[Any]:
    """What has to be as it was known, and how many turns are charged to the run's budget."""
    run, parent = known.run, known.run.parent
    root = run.root_or_own
    begun = [row for row, names in unit.rows.values() if isinstance(row, Turn) and not names]
    return [
        run.organization_id, run.id, f"{{{','.join(known.written)}}}", run.workroom_id, run.workroom.epoch, root.id,
        root.state, _json(run.workroom.known_labels), parent.id if parent else None, parent.state if parent else None,
        len(begun),
    ]  # fmt: skip


def _rows(run: Run, unit: Unit, replies: int, changed: Sequence[Changed]) -> list[Any]:
    """What is written: the run, its turns, the count of replies in its thread, new and changed entries."""
    own, turns, entries = None, [], []
    thread = run.root_or_own.thread
    for row, names in unit.rows.values():
        if row is run and names <= RUN_FIELDS:
            own = _json(_columns(row))
        elif isinstance(row, Turn) and names <= TURN_FIELDS:
            turns.append(_columns(row) if names else _made(row))
        elif isinstance(row, Message) and names <= ENTRY_FIELDS:
            entries.append((row, names))
        else:
            raise NotForeseen
    listens = thread is not None and (thread.reply_count > replies or plan_of(run).when_people_speak != "queue")
    places = _places(changed)
    new = [_made(row) | places[id(row)] for row, names in entries if not names]
    told = [
        {"id": row.id, "kind": row.kind, "html": row.html} | places[id(row)]
        for row, names in entries
        if "html" in names
    ]
    return [
        own, _json(turns), thread.id if listens and thread else None, replies, thread.reply_count if thread else 0,
        _json(new), _json(told),
    ]  # fmt: skip


def _places(changed: Sequence[Changed]) -> dict[int, dict[str, Any]]:
    """The numbers of each entry, counted from the first event's."""
    before = [None, *(one.last for one in changed)]
    return {
        id(one.entry): {"seq": one.began, "changed_seq": one.last, "previous": previous}
        for one, previous in zip(changed, before, strict=False)
    }


def _columns(row: Model) -> dict[str, Any]:
    return {str(field.column): getattr(row, field.attname) for field in row._meta.concrete_fields}


def _made(row: Model) -> dict[str, Any]:
    """The columns of a new row, with what its fields set when they are first saved."""
    return {str(field.column): field.pre_save(row, add=True) for field in row._meta.concrete_fields}


def _json(value: Any) -> str:
    return json.dumps(value, default=_text)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
