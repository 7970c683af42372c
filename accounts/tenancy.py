"""The current organization. All work is in units: one transaction each, both walls up, events last."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction
from django_scopes import scope

from accounts.ledger.append import Pending, append
from accounts.models import Organization


class NoOrganization(RuntimeError):
    """Something tenant-bound was tried outside a unit of work."""


@dataclass(slots=True)
class Unit:
    """What one unit of work has gathered: events to append at its end, and what to undo outside the database."""

    organization_id: UUID
    events: list[Pending] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)


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
