"""Claiming a turn, holding it, losing it: compare-and-set, a lease, and an attempt number that fences late results."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from orchestration.limits.budgets import release
from orchestration.models import Run, Turn


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one turn, as long as its attempt is the latest."""

    organization_id: UUID
    run_id: UUID
    turn_id: UUID
    attempt: int


class Superseded(Exception):
    """Another attempt holds the turn, or it is over: this one's result no longer counts."""


class Stopping(Exception):
    """A person asked the run to stop."""


def claim_ready(run: Run) -> Claim | None:
    """Claim the first turn of `run` that is ready, or whose holder let the lease run out."""
    now = timezone.now()
    turns = Turn.objects.filter(run=run).order_by("number")
    expired = turns.filter(state=Turn.State.CLAIMED, lease_until__lt=now, user__isnull=False)
    turn = turns.filter(state=Turn.State.READY, user__isnull=False).first() or expired.first()
    if turn is None:
        return None
    release(turn)
    turn.state, turn.attempt = Turn.State.CLAIMED, turn.attempt + 1
    turn.lease_until, turn.last_activity_at, turn.started_at = heal_time(), now, turn.started_at or now
    turn.save(update_fields=["state", "attempt", "lease_until", "last_activity_at", "started_at"])
    return Claim(run.organization_id, run.id, turn.id, turn.attempt)


def heal_time() -> datetime:
    """Return when work that shows no sign of life until then is to be looked after: the length of a lease from now."""
    return timezone.now() + timedelta(seconds=settings.TURN_LEASE_SECONDS)


def fenced_turn(claim: Claim) -> Turn | None:
    """Lock and return the turn if `claim` still holds it."""
    rows = Turn.objects.select_for_update(of=("self",)).select_related(
        "user", "run__root", "run__workroom__organization", "run__requester", "run__version", "run__parent__run"
    )
    turn: Turn | None = rows.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED).first()
    return turn


def held_turn(claim: Claim) -> Turn:
    """Lock and return the claimed turn; raises Superseded if it was lost, Stopping if its run is to stop."""
    turn = fenced_turn(claim)
    if turn is None:
        raise Superseded
    if (turn.run.root or turn.run).state == Run.State.STOPPING:
        raise Stopping
    return turn


def renew(claim: Claim) -> bool:
    """Extend the lease; False when the turn was lost."""
    mine = Turn.objects.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED)
    return bool(mine.update(lease_until=heal_time(), last_activity_at=timezone.now()))
