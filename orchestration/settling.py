"""What a turn's outcome means: it counts, it is shown to people first, it is tried again, or it ends the run."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.ledger.plain import plain
from accounts.ledger.record import record
from accounts.tenancy import keep
from orchestration.actions.more_budget import ask_for_more, may_ask_for_more
from orchestration.asking.questions import ask_about_call, ask_how_to_go_on, ask_to_accept, ask_to_call
from orchestration.attempts import output_faults
from orchestration.beginning import seat
from orchestration.contracts import Fired, fires
from orchestration.ending import fail_run
from orchestration.holding import stopping
from orchestration.limits.budgets import OverLimit, release
from orchestration.limits.postponing import postpone
from orchestration.limits.resting import note_agent_answer, note_agent_failure
from orchestration.models import Run, Turn
from orchestration.outcomes import Answered, Failed, Halted, Looped, Outcome, Postponed, Questioned, Unclear, Withdrawn
from orchestration.purposes import WORK, asked_for, hands_on
from orchestration.standing import lost_rights, plan_of
from orchestration.teams.plan import Asking, ExceptionRule
from orchestration.telling import saw_of, tell_turn
from orchestration.verification import author_of, own_verifier, verify_next

MOST_TRIES = 3
UNVERIFIED = ExceptionRule("unverified", "", Asking(because="Nobody who did not write this has approved it."))
FIELDS = ("state", "output", "error", "findings", "saw", "finished_at", "lease_until", "tries", "repairs")


def settle_turn(run: Run, turn: Turn, outcome: Outcome) -> None:
    """Keep the outcome of a turn whose claim still holds."""
    release(turn)
    turn.saw, turn.lease_until = saw_of(turn), None
    match outcome:
        case Answered() if lost := lost_rights(run, turn):
            _fail(run, turn, Failed(f"{lost}: its answer does not count.", own=False))
        case Answered(output):
            note_agent_answer(turn)
            _answer(run, turn, plain(output))
        case Failed() as failed:
            _fail(run, turn, failed)
        case Unclear(call_id, reason):
            _close(turn, Turn.State.WAITING, error=reason)
            ask_about_call(run, turn, call_id, reason)
        case Questioned(call_id, reason):
            _close(turn, Turn.State.WAITING, error=reason)
            ask_to_call(run, turn, call_id, reason)
        case Looped(reason):
            turn.tries += 1
            _close(turn, Turn.State.WAITING, error=reason)
            tell_turn(run, turn)
            ask_how_to_go_on(run, turn, reason, "loop")
        case Halted(reason, short):
            _halt(run, turn, reason, short)
        case Postponed(reason, seconds):
            postpone(run, turn, reason, seconds)
            _close(turn, Turn.State.CLAIMED, error=reason)
        case Withdrawn(told):
            _close(turn, Turn.State.STOPPED if stopping(run) else Turn.State.READY, error=told)


def _halt(run: Run, turn: Turn, reason: str, short: str) -> None:
    more = may_ask_for_more(run, short)
    _close(turn, Turn.State.WAITING if more else Turn.State.FAILED, error=reason)
    tell_turn(run, turn)
    if more:
        ask_for_more(run, turn, reason, short)
    else:
        fail_run(run, f"limit: {reason}", stopped=True)


def finish_turn(run: Run, turn: Turn, output: dict[str, Any]) -> None:
    """Let `output` count as the turn's result, and say so in the thread."""
    turn.output = output
    _close(turn, Turn.State.FINISHED)
    tell_turn(run, turn)


def fired_rules(
    run: Run, agent: str, given: dict[str, Any], output: dict[str, Any]
) -> list[tuple[ExceptionRule, Fired]]:
    """Return the exceptions of the team that fire on an output."""
    context = {"agent": agent, "input": given, "output": output}
    return [(rule, fired) for rule in plan_of(run).exceptions if (fired := fires(rule.when, context)) is not None]


def _answer(run: Run, turn: Turn, output: dict[str, Any]) -> None:
    turn.output = output
    if turn.purpose == "verify":
        _judge(run, turn)
    elif own_verifier(run, turn):
        _accept(run, turn, [f"{turn.agent} stands in here and cannot verify itself."])
    elif not _verify(run, turn):
        _accept(run, turn)


def _verify(run: Run, author: Turn) -> bool:
    """Begin the next verification of an output; False when it needs none. With no turn left the run asks, or stops."""
    try:
        return verify_next(run, author)
    except OverLimit as limit:
        _halt(run, author, str(limit), limit.short)
        return True


def _judge(run: Run, verifying: Turn) -> None:
    """An approval brings on the next verifier, or lets the output count; reasons go back to the author, once."""
    finish_turn(run, verifying, verifying.output or {})
    author, verdict = author_of(verifying), verifying.output or {}
    if author is None:
        return
    if verdict.get("approved") is True:
        if not _verify(run, author):
            _accept(run, author)
        return
    reasons = [str(reason) for reason in verdict.get("reasons", [])] or [f"{verifying.agent} did not approve it."]
    if author.repairs:
        _accept(run, author, reasons)
        return
    author.repairs, author.tries, author.findings = author.repairs + 1, author.tries + 1, reasons
    _close(author, Turn.State.READY, error=f"{verifying.agent} did not approve it.")


def _accept(run: Run, turn: Turn, unverified: Sequence[str] = ()) -> None:
    """Let an output count, unless an exception of the team fires on it or it could not be verified: then people say."""
    judged = turn.purpose in WORK and not hands_on(plan_of(run), turn.output)
    fired = fired_rules(run, turn.agent, turn.input, turn.output or {}) if judged else []
    fired += [(UNVERIFIED, Fired(reason)) for reason in unverified]
    if not fired:
        finish_turn(run, turn, turn.output or {})
        return
    _close(turn, Turn.State.WAITING)
    tell_turn(run, turn)
    ask_to_accept(run, turn, fired)


def _fail(run: Run, turn: Turn, failed: Failed) -> None:
    agent, reason = plan_of(run).agents[turn.agent], str(plain(failed.reason))
    turn.tries, turn.findings = turn.tries + 1, plain(failed.findings)
    again = turn.tries < MOST_TRIES
    if failed.own:
        note_agent_failure(turn, reason, tries_again=again and agent.on_failure == "retry")
    if agent.on_failure in ("retry", "substitute") and again:
        _close(turn, Turn.State.READY, error=reason)
        if agent.substitute:
            _replace(run, turn, agent.substitute, reason)
    elif agent.on_failure == "skip":
        _close(turn, Turn.State.SKIPPED, error=reason)
        tell_turn(run, turn)
        if turn.purpose == "verify" and (author := author_of(turn)) is not None:
            _accept(run, author, [f"{turn.agent} could not verify it: {reason}"])
    elif agent.on_failure in ("ask", "substitute"):
        _close(turn, Turn.State.WAITING, error=reason)
        tell_turn(run, turn)
        ask_how_to_go_on(run, turn, reason)
    else:
        _close(turn, Turn.State.FAILED, error=reason)
        tell_turn(run, turn)
        fail_run(run, f"{turn.agent}: {reason}")


def _replace(run: Run, turn: Turn, substitute: str, reason: str) -> None:
    payload = {"agent": turn.agent, "substitute": substitute, "reason": reason}
    record("turn.substituted", actor=turn.user, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"turn:{turn.id}", run=run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
    seat(turn, substitute)
    keep(turn, "agent", "user", "brain")


def _close(turn: Turn, state: Turn.State, error: str = "") -> None:
    turn.state, turn.error = state, error
    turn.finished_at = None if state in Turn.OPEN else timezone.now()
    keep(turn, *FIELDS)


def unacceptable(run: Run, turn: Turn, output: dict[str, Any]) -> list[str]:
    """Return why an output edited by a person breaks the agent's contract. Whom to hand on to is for people to say."""
    team = plan_of(run)
    free = replace(team, terms=replace(team.terms, handoffs=None))
    return output_faults(asked_for(free, team.agents[turn.agent], turn.purpose, turn.input), turn.input, output)
