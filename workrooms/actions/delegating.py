"""Saying who decides for you while you are away. It counts from the moment it is said, and ends at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.errors import Conflict, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Admission, Delegation, Membership, User
from workrooms.models import Participant, Workroom

LONGEST = timedelta(days=366)


def delegate(
    *, actor: User, deputy: User, until: datetime, since: datetime | None = None, room: Workroom | None = None
) -> Delegation:
    """Let `deputy` decide what `actor` could, from `since` (now when None) until `until`, in one room or everywhere.

    Raises Invalid, and Conflict where the same is settled for some of that time already. Logged.
    """
    now = timezone.now()
    begins = max(since or now, now)
    if errors := _mistakes(actor, deputy, room, begins, until):
        raise Invalid("This cannot be arranged.", errors)
    membership = Membership.objects.select_for_update(no_key=True).get(user=actor)
    same = Delegation.objects.filter(person=actor, room=room.id if room else None, revoked_at=None)
    if (other := same.filter(since__lt=until, until__gt=begins).select_related("deputy").first()) is not None:
        raise Conflict(
            f"{other.deputy.name} decides for you from {other.since:%d %b %H:%M} until {other.until:%d %b %H:%M} UTC.",
            [("since", "expected a time in which nobody does")],
        )
    made: Delegation = Delegation.objects.create(
        organization_id=membership.organization_id,
        person=actor,
        deputy=deputy,
        room=room.id if room else None,
        since=begins,
        until=until,
    )
    _recorded("delegation.set", made, actor)
    return made


def _mistakes(
    actor: User, deputy: User, room: Workroom | None, since: datetime, until: datetime
) -> list[tuple[str, str]]:
    errors: list[tuple[str, str]] = []
    if deputy == actor or deputy.is_agent or not Membership.objects.filter(user=deputy).exists():
        errors.append(("deputy", "expected another person of this organization"))
    elif room is not None and not Participant.objects.filter(workroom=room, user=deputy).exists():
        errors.append(("deputy", f"{deputy.name} is not in {room.name}, so could not decide there"))
    if not timedelta() < until - since <= LONGEST:
        errors.append(("until", f"expected a time to come, within {LONGEST.days} days of the first"))
    return errors


def end_delegation(delegation_id: UUID, *, actor: User) -> Delegation:
    """End what `actor` arranged, or stand in for nobody any more as its deputy; it counts at once. Raises NotFound."""
    rows = Delegation.objects.select_for_update(of=("self",), no_key=True).select_related("person", "deputy")
    found: Delegation | None = rows.filter(
        Q(person=actor) | Q(deputy=actor), pk=delegation_id, revoked_at=None, until__gt=timezone.now()
    ).first()
    if found is None:
        raise NotFound("Nobody decides for you by that arrangement.")
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    _recorded("delegation.ended", found, actor)
    return found


def leave_arrangements(user: User) -> None:
    """Nobody decides for who leaves the organization, nor they for others; what they were admitted to is closed."""
    now = timezone.now()
    Delegation.objects.filter(Q(person=user) | Q(deputy=user), revoked_at=None).update(revoked_at=now)
    Admission.objects.filter(user=user, revoked_at=None).update(revoked_at=now)


def delegation_json(delegation: Delegation) -> dict[str, Any]:
    """Return an arrangement as the API gives it; `room` null is every room that both are in."""
    return {
        "id": str(delegation.id),
        "person": {"id": str(delegation.person_id), "name": delegation.person.name},
        "deputy": {"id": str(delegation.deputy_id), "name": delegation.deputy.name},
        "room": str(delegation.room) if delegation.room else None,
        "since": delegation.since.isoformat(),
        "until": delegation.until.isoformat(),
    }


def _recorded(kind: str, row: Delegation, actor: User) -> None:
    payload = {
        "person": row.person.name,
        "deputy": row.deputy.name,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
    }
    record(kind, actor=actor, ledger=row.room, object=f"delegation:{row.id}", payload=payload)
