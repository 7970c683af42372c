"""Steps of a run that are worked out and wait to be written together: rows as each step left them, events, entries."""

import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Field, Model

from accounts.ledger.append import Changed, Entry, Pending, changed_entries
from accounts.tenancy import NotForeseen, Unit
from orchestration.models import Run, Turn
from orchestration.standing import plan_of
from workrooms.models import Message

KEPT: dict[type[Model], set[str]] = {
    Run: {
        "state", "reason", "result", "heal_at", "waiting_since", "waited_seconds", "started_at", "finished_at",
        "updated_at",
    },
    Turn: {
        "agent", "user", "brain", "state", "attempt", "tries", "repairs", "lease_until", "output", "findings", "saw",
        "error", "started_at", "last_activity_at", "finished_at",
    },
    Message: {"kind", "html", "reply_count"},
}  # fmt: skip
Columns = dict[str, Any]


@dataclass(slots=True)
class Gathered:
    """What some steps of `run`, one after the other, have come to.

    Rows stand here as their columns, because a later step that is not foreseen leaves its traces in the rows. `replies`
    are those in the run's thread, before and after. `again` takes the first step another way; `after` is what is to be
    done once all is written.
    """

    run: Run
    again: Callable[[], Any]
    replies_before: int
    replies: int = 0
    since: float = field(default_factory=time.monotonic)
    own: Columns | None = None
    turns: dict[int, Columns] = field(default_factory=dict)
    begun: int = 0
    posted: dict[int, Columns] = field(default_factory=dict)
    changed: dict[int, Columns] = field(default_factory=dict)
    events: list[Pending] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    after: list[tuple[Callable[[], None], bool]] = field(default_factory=list)

    def add(self, unit: Unit) -> None:
        """Add a step. Raises NotForeseen, with nothing added, when it wrote what one statement does not write."""
        if any(event.ledger_id != self.run.workroom_id for event in unit.events):
            raise NotForeseen
        if not all(self._is_kept(row, names) for row, names in unit.rows.values()):
            raise NotForeseen
        for row, names in unit.rows.values():
            self._add_row(row, names)
        self.replies = replies_to(self.run)
        changed = (event.entry for event in unit.events if id(event.entry) in self.changed)
        self.entries |= {id(entry): copy(entry) for entry in changed if entry}
        self.events += unit.events
        self.after += unit.after

    def _is_kept(self, row: Model, names: set[str]) -> bool:
        return names <= KEPT.get(type(row), set()) and (row is self.run or not isinstance(row, Run))

    def _add_row(self, row: Model, names: set[str]) -> None:
        key = id(row)
        if row is self.run:
            self.own = _columns(row)
        elif isinstance(row, Turn):
            self.begun += not names
            self.turns[key] = _columns(row) if names else _made(row)
        elif not names:
            self.posted[key] = _made(row)
        elif key in self.posted:
            self.posted[key] = _columns(row)
        elif isinstance(row, Message) and "html" in names:
            self.changed[key] = {"id": row.id, "kind": row.kind, "html": row.html}

    def listens(self) -> bool:
        """Whether the steps depend on what was said in the run's thread: they reply in it, or hear people."""
        return self.replies > self.replies_before or (
            self.run.root_or_own.thread is not None and plan_of(self.run).when_people_speak != "queue"
        )

    def told(self) -> tuple[list[Changed], list[Changed]]:
        """Return the entries that were changed with the places of their events, as they are and as they were told."""
        changed = changed_entries(self.events)
        return changed, [one._replace(entry=self.entries.get(id(one.entry), one.entry)) for one in changed]

    def numbered(self, changed: Sequence[Changed]) -> tuple[list[Columns], list[Columns]]:
        """Return the columns of new and of changed entries with their numbers, counted from the first event's."""
        before = [None, *(one.last for one in changed)]
        places = {
            id(one.entry): {"seq": one.began, "changed_seq": one.last, "previous": previous}
            for one, previous in zip(changed, before, strict=False)
        }
        return _placed(self.posted, places), _placed(self.changed, places)


def replies_to(run: Run) -> int:
    """Return how many replies stand in the run's thread, as far as is known."""
    thread = run.root_or_own.thread
    return thread.reply_count if thread else 0


def _placed(rows: dict[int, Columns], places: dict[int, Columns]) -> list[Columns]:
    return [columns | places[key] for key, columns in rows.items()]


def _columns(row: Model) -> Columns:
    names, values, _ = _fields(type(row))
    return dict(zip(names, values(row), strict=True))


def _made(row: Model) -> Columns:
    """The columns of a new row, with what its fields set when they are first saved."""
    for one in _fields(type(row)).setting:
        one.pre_save(row, add=True)
    return _columns(row)


class _Fields(NamedTuple):
    names: list[str]
    values: Callable[[Model], tuple[Any, ...]]
    setting: "list[Field[Any, Any]]"


@cache
def _fields(model: type[Model]) -> _Fields:
    fields = model._meta.concrete_fields
    setting = [one for one in fields if type(one).pre_save is not Field.pre_save]
    return _Fields([str(one.column) for one in fields], attrgetter(*(one.attname for one in fields)), setting)
