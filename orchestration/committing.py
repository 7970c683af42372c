"""Writing foreseen steps of a run in one statement (`keep_step`), or not at all if somebody else wrote meanwhile."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import orjson
from django.db import transaction
from psycopg.pq import Format

from accounts.ledger.append import ARRAYS, Changed, appended, number
from accounts.ledger.arrays import Array
from accounts.tenancy import NotForeseen, foreseen_unit
from accounts.underway import Row, Statement, Unwritten, hold, settle, start
from orchestration.gathering import Gathered, replies_to
from orchestration.knowing import Known
from orchestration.models import Run

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

Did = TypeVar("Did")


def foresee(known: Known, step: Callable[[Run], Did], again: Callable[[], Any]) -> Did:
    """Take one step of a known run; it is held back, to be written in one statement with those before and after it.

    Raises NotForeseen, with nothing of it kept, when the step needs the database; `known` is of no use then. When the
    run is no longer as it was known, Unwritten is raised by whoever asks the database next, with the `again` of the
    first step that was not written.
    """
    replies = replies_to(known.run)
    try:
        with foreseen_unit(known.run.organization_id) as unit:
            did = step(known.run)
    except transaction.TransactionManagementError:  # a row was to be locked: Django says so before it asks for it
        raise NotForeseen from None
    gathered = known.gathered or Gathered(known.run, again, replies)
    gathered.add(unit)
    if known.gathered is None:
        known.gathered, known.below = gathered, known.below or again
        hold(partial(_send, known, gathered))
    return did


def make_sure(known: Known) -> None:
    """Wait until all steps are written. Raises Unwritten, also where an agent kept a failure of one to itself."""
    settle()
    if known.below is not None:
        raise Unwritten(known.below)


def _send(known: Known, gathered: Gathered) -> None:
    """Send the steps gathered, once those below them are known to be written."""
    known.gathered = None
    changed, told = gathered.told()
    rows, appending = _rows(gathered, changed), appended(known.run.workroom_id, gathered.events, changed)
    settle()
    if known.below not in (None, gathered.again):
        raise Unwritten(known.below)
    known.below = gathered.again

    def answered(row: Row) -> None:
        first, entry_before, written = row or (None, None, None)
        if first is None or entry_before is None or written is None:
            raise Unwritten(gathered.again)
        known.written.add(written.decode())
        known.below = known.gathered.again if known.gathered else None
        for publish, entry in number(gathered.events, told, int(first), int(entry_before)):
            publish(entry)
        for call, robust in gathered.after:
            transaction.on_commit(call, robust=robust)

    start(KEEP, _parameters([*_expected(known, gathered), *rows, *appending]), answered, gathered.again)


def _parameters(values: Sequence[Any]) -> list[bytes | None]:
    """Return values as a statement takes them."""
    return [_parameter(value) for value in values]


def _parameter(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return value.dumped() if isinstance(value, Array) else str(value).encode()


def _expected(known: Known, gathered: Gathered) -> list[Any]:
    """What has to be as it was known, and how many turns are charged to the run's budget."""
    run, parent = known.run, known.run.parent
    root = run.root_or_own
    return [
        run.organization_id, run.id, f"{{{','.join(known.written)}}}", run.workroom_id, run.workroom.epoch, root.id,
        root.state, _json(run.workroom.known_labels), parent.id if parent else None, parent.state if parent else None,
        gathered.begun,
    ]  # fmt: skip


def _rows(gathered: Gathered, changed: Sequence[Changed]) -> list[Any]:
    """What is written: the run, its turns, the count of replies in its thread, new and changed entries."""
    thread = gathered.run.root_or_own.thread
    posted, told = gathered.numbered(changed)
    return [
        _json(gathered.own) if gathered.own else None, _json([*gathered.turns.values()]),
        thread.id if thread and gathered.listens() else None, gathered.replies_before, gathered.replies,
        _json(posted), _json(told),
    ]  # fmt: skip


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
