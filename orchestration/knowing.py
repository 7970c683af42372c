"""A run as a worker knows it between two steps: all that a common step needs, read in one statement, without a lock."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import DateTimeField, Model, UUIDField
from django_scopes.exceptions import ScopeError

from accounts.models import User
from accounts.tenancy import unit_of_work
from orchestration.gathering import Gathered
from orchestration.holding import completed, is_kept
from orchestration.models import Budget, Run, ToolCall, Turn
from orchestration.spoken import said_before, said_since
from orchestration.standing import plan_of
from workrooms.models import Message, Workroom

FRESH_SECONDS = 1.0
Row = TypeVar("Row", bound=Model)


@dataclass(slots=True)
class Known:
    """What a worker knows of a run with its turns.

    `written` are the transactions that wrote these rows (PostgreSQL's xmin): by them a step that is written later sees
    whether anybody else wrote since. `until` is a time.monotonic() after which it is looked at anew in any case.
    `gathered` are the steps that are worked out and not yet sent. `below` takes the first of the steps that are not
    known to be written another way.
    """

    run: Run
    written: set[str]
    until: float
    gathered: Gathered | None = None
    below: Callable[[], Any] | None = None


def is_fresh(known: Known) -> bool:
    """Whether what is known was read a moment ago."""
    return time.monotonic() < known.until


def known_run(organization_id: UUID, run_id: UUID) -> Known | None:
    """Return a run that is not over as it is now, without a lock; None when it is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT read_run(%s, %s)", [organization_id, run_id])
        found = cursor.fetchone()[0]
    if found is None:
        return None
    rows = json.loads(found)
    run = _assembled(rows)
    if _has_more(run):
        with unit_of_work(organization_id):
            _ = plan_of(completed(run)), run.elsewhere, said_before(run), said_since(run)
    return Known(run, set(rows["written"]), time.monotonic() + FRESH_SECONDS)


def _assembled(rows: dict[str, Any]) -> Run:
    """Put the rows together, so that what belongs to each other is the same object."""
    people = {one["id"]: _made(User, one) for one in rows["users"]}
    run, room = _made(Run, rows["run"]), _made(Workroom, rows["room"])
    room.known_labels = rows["labels"]
    run.workroom, run.requester = room, people[rows["run"]["requester_id"]]
    run.root, run.parent = _made_or_none(Run, rows["root"]), _made_or_none(Turn, rows["parent"])
    run.thread = _made_or_none(Message, rows["thread"])
    run.headline = run.thread if run.headline_id == run.thread_id else _made_or_none(Message, rows["headline"])
    if run.root is not None:
        run.root.workroom, run.root.requester, run.root.thread = room, run.requester, run.thread
    if run.headline is not None:
        run.headline.workroom, run.headline.on_behalf_of = room, run.requester
    if rows["budget"] is not None:
        run.budget = _made(Budget, rows["budget"])
    calls = [_made(ToolCall, one) for one in rows["calls"]]
    run.steps, run.asked = [], rows["asked"]
    for one in rows["turns"]:
        turn = _made(Turn, one)
        turn.run, turn.user = run, people.get(one["user_id"])
        turn.used = [call for call in calls if call.turn_id == turn.id]
        run.steps.append(turn)
    return run


def _has_more(run: Run) -> bool:
    """Whether something is to be looked up: it is new to this process, nested, of a conversation, or hears people."""
    nested = run.parent_id is not None or any(turn.user_id is None for turn in run.steps)
    if nested or run.headline_id is None or not is_kept(run):
        return True
    try:
        return plan_of(completed(run)).when_people_speak != "queue"
    except ScopeError:  # the database went away between version and plan
        return True


def _made_or_none(model: type[Row], row: dict[str, Any] | None) -> Row | None:
    return _made(model, row) if row is not None else None


def _made(model: type[Row], row: dict[str, Any]) -> Row:
    """A row of `model` from its JSON; fields that are not in it stay unread."""
    read = [(name, convert(row[column])) for name, column, convert in _fields(model) if column in row]
    return model.from_db("default", [name for name, _ in read], [value for _, value in read])


@cache
def _fields(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any]]]:
    return [(field.attname, str(field.column), _converter(field)) for field in model._meta.concrete_fields]


def _converter(field: Any) -> Callable[[Any], Any]:
    kind = getattr(field, "target_field", field)
    if isinstance(kind, UUIDField):
        return lambda value: value and UUID(value)
    if isinstance(kind, DateTimeField):
        return lambda value: value and datetime.fromisoformat(value)
    return lambda value: value
