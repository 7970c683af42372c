"""A run that meets its cap on tokens or cost may ask for more, where its team says so (`on_limit: ask`)."""

from django.db.models import F

from accounts.ledger.record import record
from accounts.models import User
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.limits.budgets import MICROCENTS_PER_DOLLAR
from orchestration.models import Approval, Budget, Run, Turn
from orchestration.questions import ask
from orchestration.standing import plan_of
from orchestration.teams.plan import Asking

MORE = Asking(because="The run has used up what it may spend; it goes on only if a person gives it more.")
RAISED = {"tokens": "tokens_cap", "cost": "microcents_cap"}


def may_ask_for_more(run: Run, short: str) -> bool:
    """Whether people are asked, instead of stopping the run, when there is too little of `short` for its next call."""
    return bool(short) and plan_of(run.root_or_own).on_limit == "ask"


def ask_for_more(run: Run, turn: Turn, reason: str, short: str) -> Approval:
    """Ask people for as much again as the team's own limit is; of a room's month only its owner can give more first."""
    budget, limits = Budget.objects.get(run=run.root_id_or_own), plan_of(run.root_or_own).limits
    spent = f"Spent: {_money(budget.microcents)} of {_money(budget.microcents_cap)}, {budget.tokens:,} of " \
        f"{budget.tokens_cap:,} tokens."  # fmt: skip
    more = {"tokens": limits.tokens, "cost": limits.cost_cents * MICROCENTS_PER_CENT}.get(short, 0)
    named = f"{more:,} tokens" if short == "tokens" else _money(more)
    title = f"Give {turn.agent}'s run {named} more?" if more else f"Let {turn.agent} try again?"
    rule = {"name": "budget", "when": "", "because": MORE.because, "reason": f"{reason} {spent}"}
    action = {"act": "budget", "agent": turn.agent, "problem": reason, "short": short, "more": more, "spent": spent}
    return ask(run, turn, MORE, [rule], action, title)


def give_more(approval: Approval, *, actor: User | None) -> None:
    """Raise the cap of the whole run by what was asked for."""
    short, more, root = approval.action["short"], approval.action["more"], approval.run.root_id_or_own
    if more:
        Budget.objects.filter(run=root).update(**{RAISED[short]: F(RAISED[short]) + more})
    record("budget.raised", actor=actor, ledger=approval.workroom_id, object=f"run:{root}", run=root,
           turn=approval.turn_id, payload={"short": short, "more": more})  # fmt: skip


def _money(microcents: int) -> str:
    return f"${microcents / MICROCENTS_PER_DOLLAR:,.2f}"
