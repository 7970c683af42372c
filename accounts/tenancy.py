"""The current organization. All work is in units: one transaction each, both walls up, events last."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model
from django_scopes import scope

from accounts.ledger.append import Pending, append
from accounts.models import Organization
from accounts.underway import settle


class NoOrganization(RuntimeError):
    """Something tenant-bound was tried outside a unit of work."""


class NotForeseen(BaseException):
    """A foreseen unit of work cannot be done without looking into the database: it has to be done in a real one.

    No `Exception`, so that nothing on the way takes it for a failure of its own.
    """


@dataclass(slots=True)
class Unit:
    """What one unit of work has gathered: events to append at its end, and what to undo outside the database.

    A foreseen unit also gathers the `rows` it writes with the names of the fields (none for a new row), and what to do
    `after` the commit, with whether its failure is nobody's error.
    """

    organization_id: UUID
    foreseen: bool = False
    events: list[Pending] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)
    rows: dict[int, tuple[Model, set[str]]] = field(default_factory=dict)
    after: list[tuple[Callable[[], None], bool]] = field(default_factory=list)


_current: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)


def current_unit() -> Unit:
    """Return the open unit of work or raise NoOrganization."""
    if (unit := _current.get()) is None:
        raise NoOrganization("This needs an open unit of work: no organization is set.")
    return unit


@contextmanager
def unit_of_work(organization: Organization | UUID) -> Iterator[Unit]:
    """Open one transaction for `organization`; joins the one already open for the same organization.

    At its end all recorded events are appended in one call, and only then is the transaction committed; if it fails,
    what `undo` holds is called, last first.
    """
    organization_id = organization.id if isinstance(organization, Organization) else organization
    outer = _current.get()
    if outer is not None:
        if outer.organization_id != organization_id:
            raise RuntimeError("A unit of work of another organization is open.")
        yield outer
        return
    settle()
    unit = Unit(organization_id)
    token = _current.set(unit)
    try:
        with transaction.atomic(), scope(organization=organization_id):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('workroom.organization', %s, true)", [str(organization_id)])
            transaction.on_commit(unit.undo.clear)
            yield unit
            append(unit.organization_id, unit.events)
    except BaseException:
        for undo in reversed(unit.undo):
            undo()
        raise
    finally:
        _current.reset(token)


@contextmanager
def foreseen_unit(organization_id: UUID) -> Iterator[Unit]:
    """Gather what a unit of work would write, from what is known already: its owner writes all of it in one statement.

    Raises NotForeseen where the database would have to be asked, and inside another unit.
    """
    if _current.get() is not None:
        raise NotForeseen
    unit = Unit(organization_id, foreseen=True)
    token = _current.set(unit)
    try:
        with connection.execute_wrapper(_refuse), scope(organization=organization_id):
            yield unit
    finally:
        _current.reset(token)


def _refuse(*_: Any) -> None:
    raise NotForeseen


def keep(row: Model, *fields: str) -> None:
    """Write the `fields` of a row, without any a new row: now, or with the statement of a foreseen unit."""
    unit = current_unit()
    if unit.foreseen:
        _, names = unit.rows.setdefault(id(row), (row, set(fields)))
        if names:
            names.update(fields)
    elif fields:
        row.save(update_fields=fields)
    else:
        row.save(force_insert=True)


def after_commit(call: Callable[[], None], robust: bool = False) -> None:
    """Do something once the unit of work is committed. `robust`: that it fails is logged, and nobody's error."""
    unit = current_unit()
    if unit.foreseen:
        unit.after.append((call, robust))
    else:
        transaction.on_commit(call, robust=robust)
