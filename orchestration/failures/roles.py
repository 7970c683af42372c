"""MAST 1.2, disobey role specification: an agent does what is another's to do, or what it was never given to do."""

from collections.abc import Iterator
from typing import Any

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.talk import spoken
from orchestration.failures.trace import Go, Trace

MODE = "1.2"
NOT_A_RECEIVER = "to whom it cannot be handed"
NOT_A_SPEAKER = ", who may not speak;"
GONE = "has not proved"


def outside_role(trace: Trace) -> list[Finding]:
    """Tools beyond its grants, members it may not name, and verdicts on its own work."""
    found_ = [finding for go in trace.turns.values() for finding in (*_beyond_grants(go), *_named_stranger(trace, go))]
    return [*found_, *_handed_wrong(trace), *(one for scope in trace.scopes for one in _judged_itself(trace, scope))]


def _beyond_grants(go: Go) -> Iterator[Finding]:
    tried: dict[str, list[int]] = {}
    for call in go.calls:
        factors: Any = call.payload.get("factors") or {}
        said = factors.get("agent") if isinstance(factors, dict) else None
        if isinstance(said, dict) and said.get("outcome") == "deny" and GONE not in str(said.get("reason")):
            tried.setdefault(call.tool, []).append(call.seq)
    for tool, seqs in tried.items():
        yield found(MODE, f"{go.agent} tried to use {tool}, which it was not granted.", seqs, [go])


def _named_stranger(trace: Trace, go: Go) -> Iterator[Finding]:
    """The note that a turn begins with when whoever chose its speaker named somebody who may not speak."""
    if NOT_A_SPEAKER not in go.note:
        return
    chosen = [said for said in trace.answers(go.scope, "choose") if said.seq < go.seq]
    if chosen:
        yield found(MODE, go.note, [chosen[-1].seq, go.seq], [chosen[-1].go, go])


def _handed_wrong(trace: Trace) -> Iterator[Finding]:
    for question in trace.questions.values():
        reason = next((reason for reason in question.reasons if NOT_A_RECEIVER in reason), "")
        go = trace.turns.get(question.turn)
        if reason and go is not None and go.answer is not None:
            told = reason.removesuffix(" Who goes on?")
            yield found(MODE, told, [go.answer.seq, question.seq], [go])


def _judged_itself(trace: Trace, scope: str) -> Iterator[Finding]:
    """Approval of one's own work in a conversation in which judging is another's part."""
    said = spoken(trace, scope)
    judges = {one.go.agent for one in said if one.verdict is False}
    for place, one in enumerate(said):
        work = next((earlier for earlier in reversed(said[:place]) if earlier.verdict is None), None)
        own = work is not None and work.go.agent == one.go.agent
        if one.verdict and own and judges - {one.go.agent} and work is not None:
            others = " and ".join(sorted(judges - {one.go.agent}))
            yield found_in(MODE, f"{one.go.agent} approved its own work, which is for {others} to judge.", [work, one])
