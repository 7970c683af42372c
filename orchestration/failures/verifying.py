"""MAST 3.2, no or incomplete verification: a result that nobody but its author has looked at, or not as it is now."""

from collections.abc import Mapping
from typing import Any

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.talk import spoken, verifications, words
from orchestration.failures.trace import Go, Said, Trace
from orchestration.limits.loops import bare

MODE = "3.2"


def unverified(trace: Trace) -> list[Finding]:
    """What a finished run rests on: not verified as its team says, newer than its approval, or checked by nothing."""
    end = trace.end
    if end is None or end.state != "finished" or not bare(end.result):
        return []
    found_ = [finding for go in trace.turns.values() if (finding := _without_its_verifiers(trace, go))]
    found_ += [finding for scope in trace.scopes if (finding := _newer_than_its_approval(trace, scope))]
    return found_ or _by_nothing(trace)


def _checks(trace: Trace, go: Go) -> list[Mapping[str, Any]]:
    agent = (trace.definition_of(go.scope).get("agents") or {}).get(go.agent) or {}
    return list(agent.get("checks") or [])


def _without_its_verifiers(trace: Trace, go: Go) -> Finding | None:
    """An answer that counts although one of its verifiers has not approved it, and no person has."""
    wanted = [str(check["verifier"]) for check in _checks(trace, go) if "verifier" in check]
    if not wanted or go.answer is None or go.answer.handoff or go.purpose == "verify" or _by_people(trace, go):
        return None
    said = [turn.answer for turn in verifications(trace, go) if turn.answer]
    latest = {one.go.agent: one for one in said}
    missing = [name for name in wanted if name not in latest or not latest[name].verdict]
    if not missing:
        return None
    told = f"The answer of {go.agent} counts although {' and '.join(missing)} did not approve it."
    return found(MODE, told, [go.answer.seq, *(one.seq for one in said)], [go, *(one.go for one in said)])


def _by_people(trace: Trace, go: Go) -> bool:
    answers = [question.answer for question in trace.questions.values() if question.turn == go.id]
    return any(answer in ("approved", "edited") for answer in answers)


def _newer_than_its_approval(trace: Trace, scope: str) -> Finding | None:
    """The result of a conversation, if it was changed after it was approved."""
    said, end = spoken(trace, scope), trace.end
    approvals = [one for one in said if one.verdict]
    results = [one for one in said if one.verdict is None and end and _is_result(trace, one)]
    if not approvals or not results or results[-1].seq < approvals[-1].seq or _by_people(trace, results[-1].go):
        return None
    approver, result = approvals[-1], results[-1]
    told = f"The result of {result.go.agent} is newer than what {approver.go.agent} approved."
    return found_in(MODE, told, [approver, result])


def _is_result(trace: Trace, said: Said) -> bool:
    return any(bare(end.result) == words(said) for end in trace.ends if end.state == "finished")


def _by_nothing(trace: Trace) -> list[Finding]:
    """Neither a rule, nor another agent, nor a person has looked at any answer of the run."""
    definition = trace.definition_of("")
    turns = [
        go for go in trace.turns.values() if go.answer and go.purpose in ("work", "join", "final") and not go.began
    ]
    looked_at = definition.get("exceptions") or any(_checks(trace, go) or _by_people(trace, go) for go in turns)
    judged = any(go.answer and go.answer.verdict is not None for go in trace.turns.values())
    if not turns or looked_at or judged:
        return []
    last = max(turns, key=lambda go: go.answer.seq if go.answer else 0)
    said = last.answer
    told = "Beyond its form nothing checked this result: no rule, no other agent, no person."
    return [found_in(MODE, told, [said])] if said else []
