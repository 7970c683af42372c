"""MAST 1.4 and 2.1: what was known is lost, by one agent, or because the whole conversation begins again."""

from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile
from typing import Any

from orchestration.failures.finding import Finding, found, found_in
from orchestration.failures.talk import (
    asked_back,
    by_agent,
    objections,
    reasons_of,
    same_task,
    spoken,
    tasks_given,
    words,
)
from orchestration.failures.trace import Said, Trace
from orchestration.limits.loops import bare

LOST, RESET = "1.4", "2.1"
WORTH = 20  # characters; a shorter answer (yes, no, an amount) may come up again by itself
NOTHING = ("", "unknown", "n/a", "none", "not known", "not given")


def lost_history(trace: Trace) -> list[Finding]:
    """An agent that comes back to an answer it had moved on from, forgets what it knew, or undoes a document."""
    return [
        *(finding for scope in trace.scopes for finding in (*_reversions(trace, scope), *_forgotten(trace, scope))),
        *_undone(trace),
    ]


def resets(trace: Trace) -> list[Finding]:
    """A conversation that opens again, a plan made anew with what is done, a nested team begun again for no reason."""
    found_ = [_restart(trace, turn) for turn in trace.turns]
    for scope in trace.scopes:
        anew = openings(trace, scope)
        if anew:
            names = " and ".join(dict.fromkeys(one.go.agent for one in anew))
            found_.append(
                found_in(RESET, f"The conversation began again: {names} said what they had opened it with.", anew)
            )
        found_ += _planned_anew(trace, scope)
    return [finding for finding in found_ if finding is not None]


def openings(trace: Trace, scope: str) -> list[Said]:
    """The answers with which a conversation was opened a second time, although those who gave them had moved on."""
    said = [one for one in spoken(trace, scope) if one.handoff is None]
    for place in range(2, len(said) - 1):
        alike = list(takewhile(lambda pair: words(pair[0]) == words(pair[1]), zip(said[place:], said, strict=False)))
        again = [one for one, first in alike if one is not first and one.seq > said[place - 1].seq]
        if len(again) > 1 and any(map(words, again)) and all(_moved_on(said[:place], one) for one in again[:2]):
            return again
    return []


def _moved_on(before: list[Said], one: Said) -> bool:
    own = [words(said) for said in before if said.go.agent == one.go.agent]
    return bool(own) and own[-1] != words(one)


def _reversions(trace: Trace, scope: str) -> Iterator[Finding]:
    anew, given = openings(trace, scope), tasks_given(trace, scope)
    for agent, own in by_agent(spoken(trace, scope)).items():
        for place, later in enumerate(own):
            old = next((one for one in own[: max(place - 1, 0)] if words(one) == words(later)), None)
            if old is None or words(own[place - 1]) == words(later) or later in anew or len(words(later)) < WORTH:
                continue
            if same_task(given, old, later) and not asked_back(trace, scope, old.seq, later.seq):
                told = f"{agent} went back to an answer that it had given before and moved on from."
                yield found_in(LOST, told, [old, own[place - 1], later])
                break


def _forgotten(trace: Trace, scope: str) -> Iterator[Finding]:
    given = tasks_given(trace, scope)
    for agent, own in by_agent(spoken(trace, scope)).items():
        for before, later in pairwise(own):
            lost = [name for name in before.output if _is_lost(before.output, later.output, name)]
            objected = " ".join(map(reasons_of, objections(trace, scope, before.seq, later.seq)))
            lost = [name for name in lost if not _mentions(objected, name)]
            if lost and same_task(given, before, later) and not trace.asked_between(before.seq, later.seq):
                told = f"{agent} no longer knew {', '.join(lost)}, which it had given before."
                yield found_in(LOST, told, [before, later])


def _is_lost(before: Mapping[str, Any], later: Mapping[str, Any], name: str) -> bool:
    return name in later and not _says_nothing(before[name]) and _says_nothing(later[name])


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().casefold() in NOTHING)


def _mentions(text: str, name: str) -> bool:
    return any(part in bare(text) for part in (bare(name.replace("_", " ")), bare(name)))


def _undone(trace: Trace) -> Iterator[Finding]:
    """A document that an agent brings back to a text it had before."""
    states: dict[str, list[tuple[str, int, str]]] = {}
    for event in trace.events:
        written = event["kind"] in ("document.added", "document.revised") and str(event["turn"]) not in trace.set_aside
        if written and event["payload"].get("sha256"):
            told = (str(event["payload"]["sha256"]), int(event["seq"]), str(event["actor"]))
            states.setdefault(str(event["object"]), []).append(told)
            texts = states[str(event["object"])]
            old = next((one for one in texts[:-2] if one[0] == told[0]), None)
            if old and texts[-2][0] != told[0] and told[2].startswith("agent:") and not _wanted(trace, old[1], told[1]):
                name = event["payload"].get("name", "A document")
                yield found(LOST, f"{name} was set back to a text that it had before.", [old[1], texts[-2][1], told[1]])


def _wanted(trace: Trace, first: int, last: int) -> bool:
    return any(asked_back(trace, scope, first, last) for scope in trace.scopes)


def _restart(trace: Trace, turn: str) -> Finding | None:
    go = trace.turns[turn]
    for before, later in pairwise(go.began):
        ended = any(before < end.seq < later and end.child and end.state != "finished" for end in trace.ends)
        if not ended and not trace.asked_between(before, later):
            return found(
                RESET, f"The team {go.agent} was begun again although it had not failed.", [before, later], [go]
            )
    return None


def _planned_anew(trace: Trace, scope: str) -> Iterator[Finding]:
    given = tasks_given(trace, scope)
    for before, later in pairwise(trace.answers(scope, "plan")):
        done = [
            one
            for one in spoken(trace, scope)
            if one.seq < later.seq and (choice := given.get(one.go.id)) and _planned(later, one, choice)
        ]
        if done and not objections(trace, scope, before.seq, later.seq):
            told = f"{later.go.agent} planned again what was done already: {given[done[0].go.id].output['task']}"
            yield found_in(RESET, told, [before, *done, later])


def _planned(plan: Said, done: Said, choice: Said) -> bool:
    tasks = [one for one in plan.output.get("tasks") or [] if isinstance(one, Mapping)]
    wanted = (done.go.agent, bare(choice.output["task"]))
    return any((one.get("agent"), bare(one.get("task"))) == wanted for one in tasks)
