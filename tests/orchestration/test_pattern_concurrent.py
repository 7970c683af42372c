"""How many answers are enough, who is no longer waited for, and when people say whether that will do."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns.base import Ask, Finish, Go, Member, Reply, Start, State, Step, Terms, Wait
from orchestration.patterns.concurrent import next_step
from tests.orchestration.pattern_play import EXAMPLES, after, finished, play, team

JOINER = Member("join", "joan")
A, B, C = finished("0", a=1), finished("1", b=2), finished("2", c=3)
TWO, ONE = Terms(need=2), Terms(need=1)
SKIPPED = Reply("2", "skipped")
YES = frozenset({("1", "quorum")})


def going(*replies: Reply, terms: Terms = TWO, join: Member | None = None, **more: Any) -> State:
    return replace(after(*replies, started="0 1 2", terms=terms, **more), join=join)


BOTH = Finish({"ada": {"a": 1}, "cam": {"c": 3}})
FIRST_TWO = Finish({"ada": {"a": 1}, "ben": {"b": 2}})


def late(*steps: str) -> dict[str, Any]:
    return {"late": frozenset(steps)}


TABLE: list[tuple[str, State, Step]] = [
    ("two of three are enough", going(C, A), BOTH),
    ("the third to arrive does not count", going(C, A, B), BOTH),
    ("one is not", going(C), Wait(("0", "1"))),
    ("who was not begun is not needed", replace(going(A, B), started=frozenset("01")), FIRST_TWO),
    ("the first answer wins", going(B, terms=ONE), Finish({"b": 2})),
    ("a failure does not matter when enough answered", going(A, Reply("1", "failed"), C), BOTH),
    ("it does before", going(A, Reply("1", "failed")), Ask("ben failed. Skip it, try again or stop?", "1")),
    (
        "the joiner goes on and the straggler is dropped",
        going(C, A, join=JOINER),
        Start((Go("join", JOINER, {"ada": {"a": 1}, "cam": {"c": 3}}, "join"),), drop=("1",)),
    ),
    (
        "its answer does not come to the joiner any more",
        replace(going(C, A, B, join=JOINER), started=frozenset(["0", "1", "2", "join"])),
        Wait(("join",)),
    ),
    (
        "too few: people say",
        going(A, Reply("1", "skipped"), SKIPPED),
        Ask("Only 1 of 2 answered. Go on with that?", "1", "quorum"),
    ),
    ("they say yes", going(A, Reply("1", "skipped"), SKIPPED, answered=YES), Finish({"ada": {"a": 1}})),
    ("who is late is no longer waited for", going(A, B, terms=Terms(), **late("2")), FIRST_TWO),
    ("who is not late is", going(A, terms=Terms(), **late("2")), Wait(("1",))),
    (
        "the joiner is told of the others",
        going(A, terms=Terms(), join=JOINER, **late("1", "2")),
        Start((Go("join", JOINER, {"ada": {"a": 1}}, "join"),), drop=("1", "2")),
    ),
    (
        "nobody answered in time: people say",
        going(terms=Terms(), **late("0", "1", "2")),
        Ask("Only 0 of 1 answered. Go on with that?", "0", "quorum"),
    ),
    (
        "too few in time: people say",
        going(A, **late("1", "2")),
        Ask("Only 1 of 2 answered. Go on with that?", "1", "quorum"),
    ),
]


@pytest.mark.parametrize(("why", "state", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_concurrent(why: str, state: State, step: Step) -> None:
    assert next_step(state) == step


@st.composite
def panels(draw: st.DrawFn) -> State:
    state = team(draw, need=draw(st.none() | st.integers(1, 5)))
    return replace(state, join=draw(st.sampled_from([None, JOINER])))


def words(go: Go, data: st.DataObject) -> dict[str, Any]:
    return {"by": go.step}


@settings(max_examples=EXAMPLES, deadline=None)
@given(panels(), st.data())
def test_every_panel_ends_with_each_asked_once(state: State, data: st.DataObject) -> None:
    played = play("concurrent", state, data, words, len(state.members) + 1)
    assert {go.step for go in played.gos if go.purpose == "work"} == {member.key for member in state.members}
    joins = [go for go in played.gos if go.purpose == "join"]
    assert len(joins) == (1 if state.join else 0)
    assert all(len(go.input) <= (state.terms.need or 4) for go in joins)
    assert "late" not in str(played.result), "a second reply counted"
    assert len(played.asked) <= 1
