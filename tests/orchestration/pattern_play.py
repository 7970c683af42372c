"""Plays a pattern against any replies, to its end, and holds it to what every pattern promises."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from orchestration.patterns import PATTERNS
from orchestration.patterns.base import Ask, Finish, Go, Member, Reply, ReplyState, Start, State, Terms, Wait, place_of

EXAMPLES = int(os.environ.get("PATTERN_EXAMPLES", "1000"))
ADA, BEN, CAM = Member("0", "ada"), Member("1", "ben"), Member("2", "cam")
MANAGER = Member("manager", "maya")
REQUEST = {"question": "Which policy covers this?"}
Words = Callable[[Go, st.DataObject], dict[str, Any]]


def finished(step: str, **output: Any) -> Reply:
    return Reply(step, "finished", output)


def after(*replies: Reply, started: str = "", **more: Any) -> State:
    """A state of ada, ben and cam in which the steps named in `started` were begun."""
    return State((ADA, BEN, CAM), REQUEST, None, frozenset(started.split()), replies, **more)


@dataclass
class Played:
    """How a game went: all steps begun, all that was asked, and how it ended."""

    gos: list[Go] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    result: Finish = field(default_factory=lambda: Finish({}))


def play(pattern: str, state: State, data: st.DataObject, words: Words, most: int) -> Played:
    """Answer open steps in any order, some twice and some by strangers; say yes to every question, once.

    Fails when more than `most` steps are begun, a step is begun twice, a member that gave up is spoken to, or a
    question is asked again after it was answered.
    """
    played = Played()
    while not isinstance(step := PATTERNS[pattern](state), Finish):
        assert PATTERNS[pattern](state) == step, "the same state has two answers"
        if isinstance(step, Start):
            state = _begun(state, step, played)
            assert len(played.gos) <= most, "the team does not end"
        elif isinstance(step, Wait):
            state = _answered(state, step, played, data, words)
        else:
            key = (step.about, step.act)
            assert key not in state.answered, f"{key} is asked again after a yes"
            assert any(go.step == step.about for go in played.gos), "asked about nothing that happened"
            played.asked.append(step)
            state = replace(state, answered=state.answered | {key})
    played.result = step
    return played


def _begun(state: State, step: Start, played: Played) -> State:
    assert step.gos, "nothing is begun and nothing is waited for"
    gave_up = {place_of(reply.step) for reply in state.replies if reply.state == "skipped"}
    known = {member.key: member for member in (*state.members, state.join, state.terms.manager) if member}
    for go in step.gos:
        assert go.step not in state.started, f"{go.step} is begun twice"
        assert known.get(place_of(go.step)) == go.member, f"{go.step} belongs to nobody of the team"
        assert go.member not in state.members or go.member.key not in gave_up, f"{go.member.name} gave up before"
    played.gos += step.gos
    dropped = tuple(Reply(one, "skipped") for one in step.drop)
    return replace(state, started=state.started | {go.step for go in step.gos}, replies=(*state.replies, *dropped))


def _answered(state: State, step: Wait, played: Played, data: st.DataObject, words: Words) -> State:
    assert step.until and set(step.until) <= state.started, "who was never begun is waited for"
    answered = data.draw(st.sampled_from(step.until))
    go = next(go for go in played.gos if go.step == answered)
    endings: list[ReplyState] = ["finished", "finished", "finished", "skipped"]
    ending = data.draw(st.sampled_from(endings))
    output = words(go, data)
    reply = Reply(answered, ending, output, len(state.replies), output.get("done") is True and go.purpose == "work")
    reply = replace(reply, chosen=data.draw(st.sampled_from(["ada", "ben", "nobody", ""])))
    noise = data.draw(st.sampled_from([(), (finished(answered, late=True),), (finished("9#4", late=True),)]))
    return replace(state, replies=(*state.replies, reply, *noise))


NAMES = st.sampled_from(["ada", "ben", "cam", "maya", "nobody", None, 7, "people"])


def team(draw: st.DrawFn, **terms: Any) -> State:
    """A team of up to four, with short rounds."""
    members = tuple(Member(str(number), name) for number, name in enumerate(["ada", "ben", "cam", "dee"]))
    count = draw(st.integers(1, 4))
    rounds, repeats = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    chosen = Terms(rounds=rounds, repeats=repeats, on_max_rounds="ask" if draw(st.booleans()) else "best", **terms)
    return State(members[:count], REQUEST, terms=chosen)
