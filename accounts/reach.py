"""The only doors across organizations: SECURITY DEFINER functions that return ids."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come, and the organization it belongs to."""

    organization_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that holds: its organization and person, and whether it may less than its person may."""

    organization_id: UUID
    user_id: UUID
    token_id: UUID
    narrowed: bool


def _ids(sql: str, *arguments: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        rows: list[Any] = cursor.fetchall()
        return rows


def organizations_of(user: User) -> list[UUID]:
    """Return the organizations `user` belongs to, oldest membership first."""
    return [row[0] for row in _ids("SELECT * FROM organizations_of(%s)", user.pk)]


def organization_named(slug: str, user: User) -> UUID | None:
    """Return the organization with `slug` if `user` belongs to it; missing and foreign look the same."""
    rows = _ids("SELECT * FROM organization_named(%s, %s)", slug, user.pk)
    return rows[0][0] if rows else None


def bearer_of(digest: str) -> Bearer | None:
    """Return what the token whose SHA-256 is `digest` stands for, if it, its person and its consent stand now."""
    rows = _ids("SELECT * FROM bearer_of(%s)", digest)
    return Bearer(*rows[0]) if rows else None


def service_home(service_id: UUID) -> UUID | None:
    """Return the organization that registered a service."""
    rows = _ids("SELECT * FROM service_home(%s)", service_id)
    return rows[0][0] if rows else None


def all_organizations() -> list[UUID]:
    """Return every organization, for upkeep."""
    return [row[0] for row in _ids("SELECT * FROM all_organizations()")]


def due_runs() -> list[Due]:
    """Return runs that may need a push: an expired lease, or nothing open."""
    return [Due(*row) for row in _ids("SELECT * FROM due_runs()")]


def unexamined_runs() -> list[Due]:
    """Return root runs that have ended and were not yet looked through for failures, those that ended first."""
    return [Due(*row) for row in _ids("SELECT * FROM unexamined_runs()")]


def due_trials() -> list[Due]:
    """Return trials of drafts that nobody has under way."""
    return [Due(*row) for row in _ids("SELECT * FROM due_trials()")]


def due_approvals() -> list[Due]:
    """Return open approvals whose deadline has passed."""
    return [Due(*row) for row in _ids("SELECT * FROM due_approvals()")]


def due_access() -> list[Due]:
    """Return requests for access whose deadline has passed, and those granted until a time that has come."""
    return [Due(*row) for row in _ids("SELECT * FROM due_access()")]
