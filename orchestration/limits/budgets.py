"""What a run may spend: reserved before a call, settled after it, each in one atomic statement.

Money is in micro-cents (see `orchestration.inference.prices`). A reservation also stands on its turn, so that one
left behind by a killed worker is released when the turn is claimed again.
"""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from accounts.tenancy import current_unit
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Budget, Run, Turn
from orchestration.teams.plan import Limits

MICROCENTS_PER_DOLLAR = 100 * MICROCENTS_PER_CENT


class OverLimit(Exception):
    """A limit of the run is reached; the text names it."""


def open_budget(run: Run, limits: Limits, cost_cents: int | None = None) -> Budget:
    """Give a new root run its caps; `cost_cents` lowers the team's."""
    cents = limits.cost_cents if cost_cents is None else min(cost_cents, limits.cost_cents)
    budget: Budget = Budget.objects.create(
        organization_id=run.organization_id,
        run=run,
        turns_cap=limits.turns,
        tokens_cap=limits.tokens,
        microcents_cap=cents * MICROCENTS_PER_CENT,
        seconds_cap=limits.seconds,
    )
    return budget


def charge_turn(root: Run) -> None:
    """Count one more turn; raises OverLimit at the cap. The statement of a foreseen unit counts for itself."""
    if current_unit().foreseen:
        return
    if not Budget.objects.filter(run=root, turns__lt=F("turns_cap")).update(turns=F("turns") + 1):
        raise OverLimit(f"The limit of {Budget.objects.get(run=root).turns_cap} turns is reached.")


def check_time(root: Run, seconds: int) -> None:
    """Raise OverLimit when a run has worked for more than `seconds`. Time spent waiting for people does not count."""
    if root.started_at is None:
        return
    worked = (root.waiting_since or timezone.now()) - root.started_at - timedelta(seconds=root.waited_seconds)
    if worked.total_seconds() > seconds:
        raise OverLimit(f"The limit of {seconds} seconds is reached.")


def reserve(turn: Turn, tokens: int, microcents: int | None) -> None:
    """Set aside what one call may cost at most; raises OverLimit, with nothing set aside, if a cap would be passed.

    Where the price is unknown (None) the cap on tokens is the only one that holds.
    """
    cost = microcents or 0
    fits = Q(tokens_cap__gte=F("tokens") + F("tokens_reserved") + tokens)
    affordable = Q(microcents_cap__gte=F("microcents") + F("microcents_reserved") + cost)
    mine = Budget.objects.filter(run_id=turn.run.root_id_or_own)
    changes: dict[str, Any] = {
        "tokens_reserved": F("tokens_reserved") + tokens,
        "microcents_reserved": F("microcents_reserved") + cost,
    }
    if not mine.filter(fits, affordable).update(**changes):
        budget = mine.get()
        short = budget.tokens_cap < budget.tokens + budget.tokens_reserved + tokens
        name = f"{budget.tokens_cap:,} tokens" if short else f"${budget.microcents_cap / MICROCENTS_PER_DOLLAR:,.2f}"
        raise OverLimit(f"The limit of {name} would be passed by the next call.")
    Turn.objects.filter(pk=turn.pk).update(**changes)


def settle(turn: Turn, tokens: int, microcents: int | None) -> None:
    """Book what a call really cost, and release what the turn has reserved. An unknown cost is counted as unknown."""
    release(turn, tokens, microcents)
    spent: dict[str, Any] = {"tokens": F("tokens") + tokens, "microcents": F("microcents") + (microcents or 0)}
    Turn.objects.filter(pk=turn.pk).update(**spent)


def release(turn: Turn, tokens: int = 0, microcents: int | None = 0) -> None:
    """Give back the reservation of a turn just fetched, booking `tokens` and `microcents` of it as spent."""
    held = (turn.tokens_reserved, turn.microcents_reserved)
    if not any((*held, tokens, microcents)):
        return
    changes: dict[str, Any] = {
        "tokens": F("tokens") + tokens,
        "microcents": F("microcents") + (microcents or 0),
        "unpriced_tokens": F("unpriced_tokens") + (tokens if microcents is None else 0),
        "tokens_reserved": F("tokens_reserved") - held[0],
        "microcents_reserved": F("microcents_reserved") - held[1],
    }
    Budget.objects.filter(run_id=turn.run.root_id_or_own).update(**changes)
    Turn.objects.filter(pk=turn.pk).update(tokens_reserved=0, microcents_reserved=0)
