"""What a turn's outcome means: it counts, it is shown to people first, it is tried again, or it ends the run."""

from django.utils import timezone

from accounts.ledger.plain import plain
from accounts.relations import permissions_of
from orchestration.agent_loop import output_faults
from orchestration.contracts import Fired, fires
from orchestration.ending import fail_run
from orchestration.limits.budgets import release
from orchestration.models import Run, Turn
from orchestration.outcomes import Answered, Failed, Halted, Outcome, Questioned, Unclear, Withdrawn
from orchestration.questions import ask_about_call, ask_how_to_go_on, ask_to_accept, ask_to_call
from orchestration.standing import plan_of
from orchestration.teams.plan import AgentPlan, ExceptionRule
from orchestration.telling import saw_of, tell_turn

MOST_TRIES = 3
FIELDS = ["state", "output", "error", "findings", "saw", "finished_at", "lease_until", "tries"]


def settle_turn(run: Run, turn: Turn, outcome: Outcome) -> None:
    """Keep the outcome of a turn whose claim still holds."""
    release(turn)
    turn.saw, turn.lease_until = saw_of(turn), None
    match outcome:
        case Answered() if turn.user is None or "view" not in permissions_of(turn.user, run.workroom):
            _fail(run, turn, f"{turn.agent} is no longer a participant of this room: its answer does not count.", [])
        case Answered(output):
            _answer(run, turn, plain(output))
        case Failed(reason, findings):
            _fail(run, turn, reason, findings)
        case Unclear(call_id, reason):
            _close(turn, Turn.State.WAITING, error=reason)
            ask_about_call(run, turn, call_id, reason)
        case Questioned(call_id, reason):
            _close(turn, Turn.State.WAITING, error=reason)
            ask_to_call(run, turn, call_id, reason)
        case Halted(reason):
            _close(turn, Turn.State.FAILED, error=reason)
            tell_turn(run, turn)
            fail_run(run, f"limit: {reason}", stopped=True)
        case Withdrawn(told):
            stopping = (run.root or run).state == Run.State.STOPPING
            _close(turn, Turn.State.STOPPED if stopping else Turn.State.READY, error=told)


def finish_turn(run: Run, turn: Turn, output: dict[str, object]) -> None:
    """Let `output` count as the turn's result, and say so in the thread."""
    turn.output = output
    _close(turn, Turn.State.FINISHED)
    tell_turn(run, turn)


def fired_rules(
    run: Run, agent: str, given: dict[str, object], output: dict[str, object]
) -> list[tuple[ExceptionRule, Fired]]:
    """Return the exceptions of the team that fire on an output."""
    context = {"agent": agent, "input": given, "output": output}
    return [(rule, fired) for rule in plan_of(run).exceptions if (fired := fires(rule.when, context)) is not None]


def _answer(run: Run, turn: Turn, output: dict[str, object]) -> None:
    turn.output = output
    if fired := fired_rules(run, turn.agent, turn.input, output):
        _close(turn, Turn.State.WAITING)
        tell_turn(run, turn)
        ask_to_accept(run, turn, fired)
    else:
        finish_turn(run, turn, output)


def _fail(run: Run, turn: Turn, reason: str, findings: list[str]) -> None:
    agent = plan_of(run).agents[turn.agent]
    turn.tries, turn.findings = turn.tries + 1, findings
    if agent.on_failure == "retry" and turn.tries < MOST_TRIES:
        _close(turn, Turn.State.READY, error=reason)
    elif agent.on_failure == "skip":
        _close(turn, Turn.State.SKIPPED, error=reason)
        tell_turn(run, turn)
    elif agent.on_failure == "ask":
        _close(turn, Turn.State.WAITING, error=reason)
        tell_turn(run, turn)
        ask_how_to_go_on(run, turn, reason)
    else:
        _close(turn, Turn.State.FAILED, error=reason)
        tell_turn(run, turn)
        fail_run(run, f"{turn.agent}: {reason}")


def _close(turn: Turn, state: Turn.State, error: str = "") -> None:
    turn.state, turn.error = state, error
    turn.finished_at = None if state in Turn.OPEN else timezone.now()
    turn.save(update_fields=FIELDS)


def unacceptable(run: Run, turn: Turn, output: dict[str, object]) -> list[str]:
    """Return why an output edited by a person breaks the agent's contract."""
    agent: AgentPlan = plan_of(run).agents[turn.agent]
    return output_faults(agent, turn.input, output)
