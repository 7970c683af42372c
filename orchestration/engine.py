"""The engine: what happened → next step, whatever the pattern. Every change holds its run's row lock and is idempotent.

A worker carries a *segment*: it advances a run, takes the turn it claimed, settles it and goes straight on, without a
trip through the broker, until nothing can start here at once.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.ledger.record import record
from accounts.tenancy import unit_of_work
from orchestration.agent_loop import take_turn
from orchestration.ending import end_run, halt_run
from orchestration.holding import locked_run, locked_turn
from orchestration.limits.budgets import OverLimit, charge_turn, check_time
from orchestration.models import Agent, Run, Turn
from orchestration.outcomes import Outcome, Withdrawn
from orchestration.patterns import PATTERNS
from orchestration.patterns.base import Ask, Finish, Go, Reply, Start, State, Wait
from orchestration.questions import ask_how_to_go_on, waits_for_people
from orchestration.queue import enqueue
from orchestration.settling import settle_turn
from orchestration.standing import plan_of
from orchestration.starting import start_child
from orchestration.teams.plan import MemberPlan, TeamPlan
from orchestration.telling import tell_run
from orchestration.turns import Claim, claim_ready, heal_time

REPLIES = {Turn.State.FINISHED: "finished", Turn.State.SKIPPED: "skipped", Turn.State.FAILED: "failed"}


@dataclass(frozen=True, slots=True)
class Onward:
    """Go on with this run."""

    run_id: UUID


Work = Claim | Onward | None


def work(organization_id: UUID, run_id: UUID) -> None:
    """Carry `run_id` as far as it goes without waiting: the body of a run segment."""
    todo: Work = Onward(run_id)
    while todo is not None:
        if isinstance(todo, Onward):
            todo = advance(organization_id, todo.run_id)
        else:
            todo = conclude(todo, take_turn(todo))


def advance(organization_id: UUID, run_id: UUID) -> Work:
    """Bring the run on by one step: claim a turn that is ready, or ask the pattern what comes next."""
    with unit_of_work(organization_id):
        run = locked_run(run_id)
        return None if run is None else _advance(run)


def conclude(claim: Claim, outcome: Outcome) -> Work:
    """Keep the outcome of a claimed turn and advance its run, in one transaction; a late outcome is dropped."""
    with unit_of_work(claim.organization_id):
        run = locked_run(claim.run_id)
        turn = locked_turn(claim, run) if run else None
        if run is None or turn is None:
            return None
        stopping = _root(run).state == Run.State.STOPPING
        settle_turn(run, turn, Withdrawn(getattr(outcome, "told", "")) if stopping else outcome)
        return _upward(run) if run.ended else _advance(run)


def _root(run: Run) -> Run:
    return run.root or run


def _advance(run: Run) -> Work:
    if _root(run).state == Run.State.STOPPING:
        return _stop(run)
    try:
        check_time(_root(run), plan_of(_root(run)).limits.seconds)
        return _step(run)
    except OverLimit as limit:
        halt_run(run, f"limit: {limit}")
        return _upward(run)


def _step(run: Run) -> Work:
    turns = list(Turn.objects.filter(run=run).order_by("number"))
    if (claim := claim_ready(run, turns)) is not None:
        _watch(run, Run.State.RUNNING)
        return claim
    team = plan_of(run)
    step = PATTERNS[team.pattern](pattern_state(run, team, turns))
    match step:
        case Start(gos):
            return _start(run, team, gos, len(turns))
        case Finish(result):
            end_run(run, result)
            return _upward(run)
        case Ask(question, about):
            ask_how_to_go_on(run, next(turn for turn in turns if turn.member == about), question)
            _watch(run, Run.State.WAITING)
        case Wait():
            _rest(run, turns)
    return None


def pattern_state(run: Run, team: TeamPlan, turns: list[Turn]) -> State:
    """Return what the pattern is shown: the steps begun, and the replies in the order in which they arrived."""
    answered = sorted(
        (turn for turn in turns if turn.state in REPLIES), key=lambda turn: (turn.finished_at, turn.number)
    )
    replies = tuple(Reply(turn.member, REPLIES[turn.state], turn.output or {}) for turn in answered)  # type: ignore[arg-type, index]
    members = tuple(member.member for member in team.members)
    join = team.join.member if team.join else None
    return State(members, run.input, join, frozenset(turn.member for turn in turns), replies)


def _start(run: Run, team: TeamPlan, gos: tuple[Go, ...], count: int) -> Work:
    places = {place.key: place for place in (*team.members, *([team.join] if team.join else []))}
    turns, children = [], []
    for number, go in enumerate(gos, start=count + 1):
        place = places[go.member.key]
        turns.append(_begin(run, place, go, number))
        if place.kind != "agent":
            children.append(start_child(run, turns[-1], place))
    _watch(run, Run.State.RUNNING)
    claim = claim_ready(run, turns)
    for _ in range(len(turns) - len(children) - (1 if claim else 0)):
        enqueue(run)
    for child in children[1:] if claim is None else children:
        enqueue(child)
    return claim or (Onward(children[0].id) if children else None)


def _begin(run: Run, place: MemberPlan, go: Go, number: int) -> Turn:
    charge_turn(_root(run))
    turn = Turn(
        organization_id=run.organization_id,
        run=run,
        number=number,
        member=go.step,
        agent=place.name,
        purpose=go.purpose,
        input=go.input,
    )
    if place.kind == "agent":
        agent = Agent.objects.select_related("user").get(workroom_id=run.workroom_id, name=place.name)
        turn.user, turn.brain = agent.user, agent.brain
    turn.save(force_insert=True)
    payload = {"agent": place.name, "member": go.step, "purpose": go.purpose}
    record("turn.started", actor=turn.user, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"turn:{turn.id}", run=run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
    return turn


def _rest(run: Run, turns: list[Turn]) -> None:
    """Nothing can start here: others work, people are asked, or the run is stuck and says so."""
    states = {turn.state for turn in turns}
    if not states.intersection(Turn.OPEN):
        halt_run(run, "stuck: nothing is open, nothing is asked and nobody is waited for")
    elif waits_for_people(run, turns):
        _watch(run, Run.State.WAITING)
    else:
        _watch(run, Run.State.RUNNING)


def _stop(run: Run) -> Work:
    held = Turn.objects.filter(run=run, state=Turn.State.CLAIMED, lease_until__gt=timezone.now(), user__isnull=False)
    if held.exists():
        return None
    halt_run(run, _root(run).reason)
    return _upward(run)


def _watch(run: Run, state: Run.State) -> None:
    """Note the state, and when `heal` is to look whether the run still moves; waiting for people takes no time."""
    now, before = timezone.now(), run.state
    if run.waiting_since is not None and state != Run.State.WAITING:
        run.waited_seconds += int((now - run.waiting_since).total_seconds())
        run.waiting_since = None
    if state == Run.State.WAITING:
        run.waiting_since = run.waiting_since or now
    run.state, run.started_at = state, run.started_at or now
    run.heal_at = None if state == Run.State.WAITING else heal_time()
    run.save(update_fields=["state", "heal_at", "started_at", "waiting_since", "waited_seconds", "updated_at"])
    if before != state:
        tell_run(run)


def _upward(run: Run) -> Work:
    """A finished child run's parent goes on in the same segment."""
    return Onward(run.parent.run_id) if run.ended and run.parent is not None else None
