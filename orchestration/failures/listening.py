"""MAST 2.5 in part, ignored other agent's input: what others said stands in the events, and had no effect.

Only what leaves a trace is seen: an answer unchanged after objections, a joint result that differs from what all agreed
on, a final answer that rests on nobody's work. Whether words were weighed and set aside takes a reader.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.talk import by_agent, objections, spoken, verifications, words
from orchestration.failures.trace import Said, Trace

MODE = "2.5"
Facts = dict[str, Any]


def ignored(trace: Trace) -> list[Finding]:
    """Answers that leave out of account what other agents had said."""
    found_ = [finding for scope in trace.scopes for finding in _unchanged(trace, scope)]
    found_ += _unchanged_for_verifiers(trace)
    for scope in trace.scopes:
        found_ += [*_against_all(trace, scope), *_from_nothing(trace, scope)]
    return found_


def _unchanged(trace: Trace, scope: str) -> Iterator[Finding]:
    """The same answer again after another member of the conversation did not approve it."""
    for agent, own in by_agent(spoken(trace, scope)).items():
        for before, later in pairwise(own):
            against = [one for one in objections(trace, scope, before.seq, later.seq) if _judges(one, before)]
            if against and words(before) and words(before) == words(later):
                told = f"{agent} gave the same answer again, although {against[0].go.agent} had not approved it."
                yield found_in(MODE, told, [before, *against, later])


def _judges(verdict: Said, said: Said) -> bool:
    return verdict.go.agent != said.go.agent and verdict.go.purpose != "verify"


def _unchanged_for_verifiers(trace: Trace) -> Iterator[Finding]:
    """What a verifier was given a second time is what it had refused: the author changed nothing."""
    for author in trace.turns.values():
        for before, later in pairwise(verifications(trace, author)):
            verdict = before.answer
            if verdict and verdict.verdict is False and before.agent == later.agent and before.given == later.given:
                told = f"{author.agent} changed nothing, although {before.agent} had not approved it."
                yield found(MODE, told, [verdict.seq, later.seq], [author, before, later])


def _against_all(trace: Trace, scope: str) -> Iterator[Finding]:
    """A joiner's result that gives another value than all those who gave one."""
    if any(go.began for go in trace.turns.values() if go.scope == scope):
        return  # what a nested team gave is not told with its turn
    for joint in trace.answers(scope, "join"):
        inputs = [said for said in _given_to(trace, scope, joint) if said.seq < joint.seq]
        facts = [_facts(said.output) for said in inputs]
        for name, value in _facts(joint.output).items():
            said = [one[name] for one in facts if name in one]
            if len(said) > 1 and all(one == said[0] for one in said) and said[0] != value:
                told = f"{joint.go.agent} says {name} is {value}; all {len(said)} before it said {said[0]}."
                yield found_in(MODE, told, [*inputs, joint])
                break


def _given_to(trace: Trace, scope: str, joint: Said) -> list[Said]:
    return [said for said in trace.answers(scope, "work") if said.go.agent != joint.go.agent]


def _facts(output: Mapping[str, Any]) -> Facts:
    """Numbers, and texts with a digit in them (amounts, dates, references). What is prose or a verdict is no fact."""
    return {name: value for name, value in output.items() if _is_fact(value)}


def _is_fact(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number or (isinstance(value, str) and len(value) <= 40 and any(sign.isdecimal() for sign in value))


def _from_nothing(trace: Trace, scope: str) -> Iterator[Finding]:
    """A manager's answer that refers to none of the results it was given."""
    results = trace.answers(scope, "work")
    for final in trace.answers(scope, "final"):
        before = [said for said in results if said.seq < final.seq and said.output]
        if before and final.output.get("references") == []:
            told = f"{final.go.agent} answered without any of the {len(before)} results that it was given."
            yield found_in(MODE, told, [*before, final])
