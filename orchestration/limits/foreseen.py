"""What a run may come to, before there is one, beside what its room and organization have left this month."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Allowance, Team
from orchestration.teams.forecast import worst_case
from orchestration.teams.plan import plan
from workrooms.models import Workroom


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The worst a run of `team` can come to, its limits applied; `beyond` says that less than this is left."""

    team: Team
    turns: int
    tokens: int
    microcents: int
    beyond: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What may still be spent in a room this month, by the tighter of its own budget and the organization's; None: no
    cap."""

    tokens: int | None
    microcents: int | None


def left_in(room: Workroom) -> Left:
    """Return what is left in `room` now."""
    tokens, microcents = list[int](), list[int]()
    month = timezone.now().date().replace(day=1)
    for scope in (Q(workroom=None), Q(workroom=room)):
        row: Allowance | None = Allowance.objects.filter(scope).order_by("-month").first()
        if row is None:
            continue
        spent = row.month == month
        if row.tokens_cap is not None:
            tokens.append(max(0, row.tokens_cap - (row.tokens + row.tokens_reserved) * spent))
        if row.microcents_cap is not None:
            microcents.append(max(0, row.microcents_cap - row.used * spent))
    return Left(min(tokens, default=None), min(microcents, default=None))


def foreseen(team: Team, left: Left) -> Foreseen:
    """Return the forecast of a published team."""
    assert team.published is not None
    worst, limits = worst_case(team.published.definition), plan(team.published.definition).limits
    tokens = limits.tokens if worst.tokens is None else min(worst.tokens, limits.tokens)
    cents = limits.cost_cents if worst.cost_cents is None else min(worst.cost_cents, limits.cost_cents)
    microcents = cents * MICROCENTS_PER_CENT
    beyond = (left.tokens is not None and tokens > left.tokens) or (
        left.microcents is not None and microcents > left.microcents
    )
    return Foreseen(team, min(worst.turns, limits.turns), tokens, microcents, beyond)
