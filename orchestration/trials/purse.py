"""The purse of a trial that really asks models: its budget, all reserved at its beginning and given back at its end.

What is reserved, in the room's month and the organization's, is held by a turn of nobody; each call takes its part.
"""

from accounts.errors import Conflict
from accounts.models import User
from orchestration.actions.runs import next_number
from orchestration.limits.budgets import OverLimit, release, reserve
from orchestration.limits.later import Later
from orchestration.models import Budget, Run, Team, Trial, Turn
from orchestration.teams.plan import AgentLimits
from orchestration.trials.forecasting import Worst

HOLD = "hold"


def open_purse(team: Team, actor: User, runs: int, worst: Worst) -> Run:
    """Make the run that keeps a trial's budget, with all of it reserved. Raises Conflict where less is left."""
    assert team.published is not None
    run = Run(
        organization_id=team.organization_id, workroom=team.workroom, version=team.published,
        number=next_number(team.workroom), requester=actor, goal=f"Try the draft of {team.name} on {runs} runs.",
        subject=f"{team.name}, draft on trial"[:200], pretends=Run.Pretence.TRIAL, state=Run.State.FINISHED,
        findings={},
    )  # fmt: skip
    run.save(force_insert=True)
    Budget.objects.create(
        organization_id=team.organization_id, run=run, turns_cap=0, tokens_cap=worst.tokens,
        microcents_cap=worst.microcents, seconds_cap=0,
    )  # fmt: skip
    hold = new_turn(run, HOLD, "", None)
    try:
        reserve(hold, worst.tokens, worst.microcents)
    except (OverLimit, Later) as short:
        raise Conflict(f"This trial may cost more than is left. {short}") from short
    return run


def close_purse(trial: Trial) -> None:
    """Give back what a trial has reserved and did not spend."""
    if trial.run_id is not None:
        release(Turn.objects.select_related("run__workroom").get(run=trial.run_id, member=HOLD))


def take_part(turn: Turn, tokens: int, microcents: int | None, own: AgentLimits) -> None:
    """Reserve for a call of `turn` out of what its trial holds. Raises OverLimit, Later."""
    run = turn.run
    hold = Turn.objects.select_related("run__workroom").get(run=run, member=HOLD)
    release(hold)
    reserve(turn, tokens, microcents, own)
    budget = Budget.objects.get(run=run)
    left = budget.tokens_cap - budget.tokens - budget.tokens_reserved
    money = budget.microcents_cap - budget.microcents - budget.microcents_reserved
    reserve(hold, max(0, left), max(0, money))


def new_turn(run: Run, member: str, agent: str, user: User | None) -> Turn:
    """Make the turn that stands for an agent's turn in a try: it keeps what was asked for it."""
    number = Turn.objects.filter(run=run).count() + 1
    turn = Turn(
        organization_id=run.organization_id, run=run, number=number, member=member, agent=agent, user=user,
        brain="model" if agent else "", state=Turn.State.FINISHED,
    )  # fmt: skip
    turn.save(force_insert=True)
    return turn
