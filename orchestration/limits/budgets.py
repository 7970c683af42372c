"""What may be spent: reserved before a call, settled after it, at every level or at none, each in one statement.

The levels are the organization and the room in a month (`Allowance`), the whole run (`Budget`) and one turn of an agent
(`limits:` of the agent). Money is in micro-cents (see `orchestration.inference.prices`). A reservation also stands on
its turn, so that one left behind by a killed worker is released when the turn is claimed again.
"""

import json
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.tenancy import current_unit
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.limits.later import Later
from orchestration.models import Budget, Run, Turn
from orchestration.teams.plan import AgentLimits, Limits

MICROCENTS_PER_DOLLAR = 100 * MICROCENTS_PER_CENT
RESERVED_SECONDS = 2.0  # until a call under way may have been settled
NO_LIMITS = AgentLimits()


class OverLimit(Exception):
    """A limit is reached; the text names it. `short` says of what there is too little where more can be asked for:
    "turns", "tokens" or "cost" of the run, "month" of the room or the organization; "" where it cannot."""

    def __init__(self, text: str, short: str = "") -> None:
        super().__init__(text)
        self.short = short


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
        raise OverLimit(f"The limit of {Budget.objects.get(run=root).turns_cap} turns is reached.", "turns")


def check_time(root: Run, seconds: int) -> None:
    """Raise OverLimit when a run has worked for more than `seconds`.

    Time spent waiting for people does not count, nor what went into turns that people had set aside.
    """
    if root.started_at is None:
        return
    besides = timedelta(seconds=root.waited_seconds + root.redone_seconds)
    worked = (root.waiting_since or timezone.now()) - root.started_at - besides
    if worked.total_seconds() > seconds:
        raise OverLimit(f"The limit of {seconds} seconds is reached.")


def reserve(turn: Turn, tokens: int, microcents: int | None, own: AgentLimits = NO_LIMITS) -> None:
    """Set aside what one call may cost at most; raises, with nothing set aside, if a cap would be passed.

    OverLimit: for good. Later: because others have reserved what they will not all spend. `own` are the agent's limits
    for one turn. Where the price is unknown (None) the caps on tokens are the ones that hold, and a level that caps
    nothing else refuses the call.
    """
    cents = None if own.cost_cents is None else own.cost_cents * MICROCENTS_PER_CENT
    with connection.cursor() as cursor:
        cursor.execute("SELECT reserve_budget(%s, %s, %s, %s, %s)", [turn.id, tokens, microcents, own.tokens, cents])
        short = cursor.fetchone()[0]
    if short is not None:
        raise _over(turn, (tokens, microcents), **json.loads(short))
    turn.tokens_reserved += tokens
    turn.microcents_reserved += microcents or 0


def settle(turn: Turn, tokens: int, microcents: int | None, attempt: int | None = None) -> None:
    """Book what a call really cost, and release what the turn has reserved. An unknown cost is counted as unknown.

    `attempt` made the call; if the turn was taken anew since, what that one has reserved stays reserved.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT settle_budget(%s, %s, %s, %s)", [turn.id, attempt, tokens, microcents])
    if attempt in (None, turn.attempt):
        turn.tokens_reserved = turn.microcents_reserved = 0


def release(turn: Turn) -> None:
    """Give back what a turn just fetched has reserved."""
    if turn.tokens_reserved or turn.microcents_reserved:
        settle(turn, 0, 0)


def _over(
    turn: Turn, wanted: tuple[int, int | None], level: str, short: str, cap: int, spent: int
) -> OverLimit | Later:
    owner = {"organization": "the organization this month", "room": f"{turn.run.workroom.name} this month"}
    whose = f" of {owner[level]}" if level in owner else f" for one turn of {turn.agent}" if level == "agent" else ""
    more = "month" if level in owner else short if level == "run" else ""
    if short == "price":
        unknown = f"The price of this model is unknown, and the limit{whose} is one of cost only."
        return OverLimit(f"{unknown} State its price, or limit tokens.", more)
    name = f"{cap:,} tokens" if short == "tokens" else f"${cap / MICROCENTS_PER_DOLLAR:,.2f}"
    if spent + (wanted[0] if short == "tokens" else wanted[1] or 0) <= cap:
        return Later(f"What is left of the limit of {name}{whose} is reserved by other calls.", RESERVED_SECONDS)
    return OverLimit(f"The limit of {name}{whose} would be passed by the next call.", more)
