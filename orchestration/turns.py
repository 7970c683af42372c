"""Claiming a turn, holding it, losing it: compare-and-set, a lease, and an attempt number that fences late results."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.tenancy import keep
from orchestration.limits.budgets import release
from orchestration.models import Turn


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one turn, as long as its attempt is the latest.

    `prepared` is what its agent works with (`orchestration.attempts.Attempt`), `known` what its worker knows of the
    run (`orchestration.knowing.Known`).
    """

    organization_id: UUID
    run_id: UUID
    turn_id: UUID
    attempt: int
    prepared: Any = field(default=None, compare=False, repr=False)
    known: Any = field(default=None, compare=False, repr=False)


class Superseded(Exception):
    """Another attempt holds the turn, or it is over: this one's result no longer counts."""


class Stopping(Exception):
    """A person asked the run to stop."""


def claim_ready(turns: Sequence[Turn]) -> Turn | None:
    """Claim and return the first of a run's `turns` that is ready, or whose holder let the lease run out."""
    now = timezone.now()
    agents = [turn for turn in turns if turn.user_id is not None]
    ready = (turn for turn in agents if turn.state == Turn.State.READY)
    expired = (
        turn for turn in agents if turn.state == Turn.State.CLAIMED and turn.lease_until and turn.lease_until < now
    )
    turn = next(ready, None) or next(expired, None)
    if turn is None:
        return None
    release(turn)
    turn.state, turn.attempt = Turn.State.CLAIMED, turn.attempt + 1
    turn.lease_until, turn.last_activity_at, turn.started_at = heal_time(), now, turn.started_at or now
    keep(turn, "state", "attempt", "lease_until", "last_activity_at", "started_at")
    return turn


def heal_time() -> datetime:
    """Return when work that shows no sign of life until then is to be looked after: the length of a lease from now."""
    return timezone.now() + timedelta(seconds=settings.TURN_LEASE_SECONDS)


def renew(claim: Claim) -> bool:
    """Extend the lease; False when the turn was lost."""
    mine = Turn.objects.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED)
    return bool(mine.update(lease_until=heal_time(), last_activity_at=timezone.now()))
