"""Who decides for whom while people are away. A delegation is never handed on: only those that name a deputy count."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Delegation, User


def standing_delegations(room: UUID | None = None) -> Any:
    """Return the delegations that hold now, with their people; of one room those of everywhere are among them."""
    now = timezone.now()
    rows = Delegation.objects.filter(revoked_at=None, since__lte=now, until__gt=now)
    rows = rows.filter(Q(room=None) | Q(room=room)) if room is not None else rows
    return rows.select_related("person", "deputy").order_by("created_at")


def delegations_to(deputy: User, room: UUID) -> list[Delegation]:
    """Return the delegations by which `deputy` decides in a room for somebody now, the oldest first."""
    return list(standing_delegations(room).filter(deputy=deputy))


def planned_by(person: User) -> list[Delegation]:
    """Return what `person` has set for now and later, the next to begin first."""
    rows = Delegation.objects.filter(person=person, revoked_at=None, until__gt=timezone.now())
    return list(rows.select_related("person", "deputy").order_by("since"))


def planned_for(deputy: User) -> list[Delegation]:
    """Return those for whom `deputy` decides now or later, the next to begin first."""
    rows = Delegation.objects.filter(deputy=deputy, revoked_at=None, until__gt=timezone.now())
    return list(rows.select_related("person", "deputy").order_by("since"))
