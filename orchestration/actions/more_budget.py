"""A run that meets its cap on turns, tokens or cost may ask for more, where its team says so (`on_limit: ask`)."""

from typing import Any

from django.db.models import F

from accounts.ledger.record import record
from accounts.models import User
from orchestration.asking.questions import ask
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.limits.budgets import MICROCENTS_PER_DOLLAR, OverLimit
from orchestration.models import Approval, Budget, Run, Turn
from orchestration.standing import plan_of
from orchestration.teams.plan import Asking

MORE = Asking(because="The run has used up what it may spend; it goes on only if a person gives it more.")
RAISED = {"turns": "turns_cap", "tokens": "tokens_cap", "cost": "microcents_cap"}


def may_ask_for_more(run: Run, short: str) -> bool:
    """Whether people are asked, instead of stopping the run, when there is too little of `short` to go on."""
    return bool(short) and plan_of(run.root_or_own).on_limit == "ask"


def ask_for_more(run: Run, turn: Turn, reason: str, short: str) -> Approval:
    """Ask people for as much again as the team's own limit is; of a room's month only its owner can give more first.

    The turn waits for it.
    """
    return _ask(run, turn, reason, short, {})


def ask_for_turns(run: Run, limit: OverLimit) -> bool:
    """Ask people once whether a run that has no turn left to begin gets more; False where its team does not ask."""
    if not may_ask_for_more(run, limit.short):
        return False
    asked = Approval.objects.filter(run=run, state=Approval.State.OPEN, action__act="budget", action__begins=True)
    last = run.steps[-1] if run.steps else run.parent
    if last is not None and not asked.exists():
        _ask(run, last, str(limit), limit.short, {"begins": True})
    return True


def _ask(run: Run, turn: Turn, reason: str, short: str, besides: dict[str, Any]) -> Approval:
    budget, limits = Budget.objects.get(run=run.root_id_or_own), plan_of(run.root_or_own).limits
    spent = f"Spent: {_money(budget.microcents)} of {_money(budget.microcents_cap)}, {budget.tokens:,} of " \
        f"{budget.tokens_cap:,} tokens, {budget.turns:,} of {budget.turns_cap:,} turns."  # fmt: skip
    own = {"turns": limits.turns, "tokens": limits.tokens, "cost": limits.cost_cents * MICROCENTS_PER_CENT}
    more = own.get(short, 0)
    named = _money(more) if short == "cost" else f"{more:,} {short}"
    title = f"Give {turn.agent}'s run {named} more?" if more else f"Let {turn.agent} try again?"
    rule = {"name": "budget", "when": "", "because": MORE.because, "reason": f"{reason} {spent}"}
    action = {"act": "budget", "agent": turn.agent, "problem": reason, "short": short, "more": more, "spent": spent}
    return ask(run, turn, MORE, [rule], action | besides, title)


def give_more(approval: Approval, *, actor: User | None) -> None:
    """Raise the cap of the whole run by what was asked for."""
    short, more, root = approval.action["short"], approval.action["more"], approval.run.root_id_or_own
    if more:
        Budget.objects.filter(run=root).update(**{RAISED[short]: F(RAISED[short]) + more})
    record("budget.raised", actor=actor, ledger=approval.workroom_id, object=f"run:{root}", run=root,
           turn=approval.turn_id, payload={"short": short, "more": more})  # fmt: skip


def _money(microcents: int) -> str:
    return f"${microcents / MICROCENTS_PER_DOLLAR:,.2f}"
