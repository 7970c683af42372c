"""The engine: what happened → next step, whatever the pattern. Every change is made under its run's row lock, once.

A worker carries a *segment*: it advances a run, takes the turn it claimed, settles it and goes straight on, without a
trip through the broker, until nothing can start here at once. While the database writes a step, the next is worked out,
if that takes nothing but thought; nothing of it counts, or is seen by anybody, before the step below it is written.
"""

from functools import partial
from uuid import UUID

from django.utils import timezone

from orchestration.actions.more_budget import ask_for_turns
from orchestration.agent_loop import take_turn
from orchestration.asking.impasses import ask_about_loop, ask_once
from orchestration.asking.questions import waits_for_people
from orchestration.attempts import at_once, begun
from orchestration.beginning import begin_steps
from orchestration.ending import drop_turns, end_run, halt_run
from orchestration.history import next_lateness, next_step
from orchestration.holding import claimed_turn, stopping, without_consent
from orchestration.intervening.pausing import hold, paused
from orchestration.limits.budgets import OverLimit, check_time
from orchestration.models import Run, Turn
from orchestration.outcomes import Outcome, Withdrawn
from orchestration.patterns.base import Ask, Finish, Go, Start, place_of
from orchestration.planning import keep_plan
from orchestration.queue import enqueue
from orchestration.settling import settle_turn
from orchestration.standing import plan_of
from orchestration.starting import start_child
from orchestration.stepping import Onward, Work, settled, take, written
from orchestration.teams.plan import TeamPlan
from orchestration.turns import Claim, claim_ready
from orchestration.verification import verify_held
from orchestration.watching import watch

LIMIT = "limit: "


def work(organization_id: UUID, run_id: UUID) -> None:
    """Carry `run_id` as far as it goes without waiting: the body of a run segment."""
    todo: Work = Onward(run_id)
    try:
        while todo is not None:
            todo = written(partial(_go_on, organization_id, todo))
    finally:
        written(partial(settled, None))


def advance(organization_id: UUID, run_id: UUID) -> Work:
    """Bring the run on by one step: claim a turn that is ready, or ask the pattern what comes next."""
    return written(lambda: settled(take(organization_id, run_id, _advance)))


def conclude(claim: Claim, outcome: Outcome) -> Work:
    """Keep the outcome of a claimed turn and advance its run, in one transaction; a late outcome is dropped."""
    return written(lambda: settled(_keep(claim, outcome)))


def _go_on(organization_id: UUID, todo: Claim | Onward) -> Work:
    if isinstance(todo, Onward):
        return take(organization_id, todo.run_id, _advance)
    return _keep(todo, take_turn(todo))


def _keep(claim: Claim, outcome: Outcome) -> Work:
    return take(claim.organization_id, claim.run_id, partial(_conclude, claim, outcome), claim.known)


def _conclude(claim: Claim, outcome: Outcome, run: Run) -> Work:
    turn = claimed_turn(claim, run)
    if turn is None:
        return None
    settle_turn(run, turn, Withdrawn(getattr(outcome, "told", "")) if stopping(run) else outcome)
    return _upward(run) if run.ended else _advance(run)


def _advance(run: Run) -> Work:
    if stopping(run):
        return _stop(run)
    if paused(run):
        hold(run)
        return None
    try:
        check_time(run.root_or_own, plan_of(run.root_or_own).limits.seconds)
        return _step(run)
    except OverLimit as limit:
        if ask_for_turns(run, limit):
            return _claim(run) or _rest(run, plan_of(run))
        return _halt(run, f"{LIMIT}{limit}")


def _step(run: Run) -> Work:
    verify_held(run)
    team, turns = plan_of(run), run.steps
    if team.terms.need is None and (claim := _claim(run)) is not None:
        return claim
    if limit := _limit_within(turns):
        return _halt(run, limit)
    keep_plan(run, team, turns)
    match next_step(run, team, turns):
        case Start() if ask_about_loop(run, team, turns):
            return _rest(run, team)
        case Start(gos, drop):
            drop_turns(run, [turn for turn in turns if turn.member in drop])
            return _start(run, team, gos)
        case Finish(result, warning):
            end_run(run, result, warning)
            return _upward(run)
        case Ask() as question:
            ask_once(run, next(turn for turn in turns if turn.member == question.about), question)
    return _claim(run) or _start_again(run, team) or _rest(run, team)


def _claim(run: Run) -> Claim | None:
    if (turn := claim_ready(run.steps)) is None:
        return None
    watch(run, Run.State.RUNNING)
    return begun(turn)


def _limit_within(turns: list[Turn]) -> str:
    """The limit that stopped a nested run: it is one of the whole run, so trying again would meet it again."""
    errors = (turn.error for turn in turns if turn.user_id is None and turn.state == Turn.State.FAILED)
    return next((error for error in errors if error.startswith(LIMIT)), "")


def _start(run: Run, team: TeamPlan, gos: tuple[Go, ...]) -> Work:
    """Begin what comes next; hints bring in other workers for what takes time elsewhere."""
    turns, children = begin_steps(run, team, gos)
    held = claim_ready(turns)
    watch(run, Run.State.RUNNING, next_lateness(team, turns))
    for turn in turns:
        if turn is not held and turn.user_id is not None and not at_once(team.agents[turn.agent]):
            enqueue(run)
    for child in children[1:] if held is None else children:
        enqueue(child)
    return begun(held) if held else (Onward(children[0].id) if children else None)


def _start_again(run: Run, team: TeamPlan) -> Work:
    """People let a nested team that failed try again: it gets another run."""
    turn = next((turn for turn in run.steps if turn.user_id is None and turn.state == Turn.State.READY), None)
    if turn is None:
        return None
    child = start_child(run, turn, team.places[place_of(turn.member)])
    watch(run, Run.State.RUNNING)
    return Onward(child.id)


def _rest(run: Run, team: TeamPlan) -> Work:
    """Nothing can start here: others work, people are asked, or the run is stuck and says so."""
    waited = run.state == Run.State.WAITING
    if waits_for_people(run, run.steps):
        watch(run, Run.State.WAITING)
        return Onward(run.parent.run_id) if run.parent is not None and not waited else None
    if not any(turn.state in Turn.OPEN for turn in run.steps):
        return _halt(run, "stuck: nothing is open, nothing is asked and nobody is waited for")
    watch(run, Run.State.RUNNING, next_lateness(team, run.steps))
    return None


def _halt(run: Run, reason: str) -> Work:
    halt_run(run, reason)
    return _upward(run)


def _stop(run: Run) -> Work:
    now = timezone.now()
    if any(turn.at_work and turn.lease_until and turn.lease_until > now for turn in run.steps):
        return None
    return _halt(run, run.root_or_own.reason or without_consent(run) or "No longer waited for.")


def _upward(run: Run) -> Work:
    """A finished child run's parent goes on in the same segment."""
    return Onward(run.parent.run_id) if run.ended and run.parent is not None else None
