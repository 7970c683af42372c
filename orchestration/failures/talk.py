"""How answers in a team follow one another: whose came before, who judged what, which task was given out."""

import re
from collections.abc import Mapping, Sequence

from orchestration.failures.trace import VERIFIES, WORK, Go, Said, Trace
from orchestration.limits.loops import bare

GOES_BACK = re.compile(
    r"\b(?:(?:go|goes|going|went|come|change it|set it) back|revert\w*|restor\w+|undo\w*|as it was|(?:earlier|previous|"
    r"first|former|original|old) (?:one|text|version|answer|draft|wording|state|result|figure)s?)\b",
    re.IGNORECASE,
)


def spoken(trace: Trace, scope: str) -> list[Said]:
    """What the members of a team answered when they were asked to work, in order."""
    return trace.answers(scope, *WORK)


def by_agent(said: Sequence[Said]) -> dict[str, list[Said]]:
    """What each agent said that is no verdict on another's work, in order."""
    own: dict[str, list[Said]] = {}
    for one in said:
        if one.verdict is None:
            own.setdefault(one.go.agent, []).append(one)
    return own


def words(said: Said) -> str:
    """What was said, without keys, punctuation and letter case."""
    return bare(said.output)


def tasks_given(trace: Trace, scope: str) -> dict[str, Said]:
    """The choice by which each turn of a managed team was given its task, by the turn's id."""
    choices = [said for said in trace.answers(scope, "choose") if said.output.get("task")]
    given: dict[str, Said] = {}
    for go in trace.turns.values():
        if go.scope == scope and go.purpose in WORK:
            before = [choice for choice in choices if choice.seq < go.seq and choice.output.get("next") == go.agent]
            given |= {go.id: before[-1]} if before else {}
    return given


def objections(trace: Trace, scope: str, first: int, last: int) -> list[Said]:
    """The verdicts between two events that approve of nothing."""
    said = trace.answers(scope, *WORK, "verify")
    return [one for one in said if first < one.seq < last and one.verdict is False]


def reasons_of(said: Said) -> str:
    """Why a verdict is as it is, in its own words."""
    return " ".join(str(value) for name, value in said.output.items() if name != "approved")


def asked_back(trace: Trace, scope: str, first: int, last: int) -> bool:
    """Whether somebody asked for an earlier state between two events, or people changed something."""
    said = (reasons_of(one) for one in objections(trace, scope, first, last))
    return any(GOES_BACK.search(words) for words in said) or bool(trace.asked_between(first, last))


def verifications(trace: Trace, author: Go) -> list[Go]:
    """The turns in which others verified what a turn gave, in order."""
    return [
        go
        for go in trace.turns.values()
        if go.purpose == "verify" and go.member.partition(VERIFIES)[0] == author.member
    ]


def same_task(given: Mapping[str, Said], one: Said, other: Said) -> bool:
    """Whether two answers are to the same task, as far as a manager gave them one."""
    tasks = [given.get(said.go.id) for said in (one, other)]
    return len({bare(task.output.get("task")) if task else "" for task in tasks}) == 1
