"""The patterns that ask each member once: every reply sequence ends, and no step is lost or doubled."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns import PATTERNS
from orchestration.patterns.base import Ask, Finish, Go, Member, Reply, ReplyState, Start, State, Wait
from tests.orchestration.pattern_play import EXAMPLES

INTAKE, COVERAGE, FRAUD = Member("0", "intake"), Member("1", "coverage"), Member("2", "fraud")
ASSESSOR = Member("join", "assessor")
CLAIM = {"claim": "CL-4471"}
ONCE = ["sequential", "concurrent"]
ENDINGS: list[ReplyState] = ["finished", "finished", "skipped"]


def finished(step: str, **output: Any) -> Reply:
    return Reply(step, "finished", output)


def after(*replies: Reply, started: str = "", join: Member | None = None) -> State:
    """A state of three members where the steps named in `started` were begun."""
    return State((INTAKE, COVERAGE, FRAUD), CLAIM, join, frozenset(started.split()), replies)


SEQUENTIAL = [
    ("the first gets the run's input", after(), Start((Go("0", INTAKE, CLAIM),))),
    ("it is waited for", after(started="0"), Wait(("0",))),
    ("the next gets its output", after(finished("0", a=1), started="0"), Start((Go("1", COVERAGE, {"a": 1}),))),
    (
        "who was skipped hands on what it got",
        after(finished("0", a=1), Reply("1", "skipped", {"half": "done"}), started="0 1"),
        Start((Go("2", FRAUD, {"a": 1}),)),
    ),
    (
        "the first skipped: the input stands",
        after(Reply("0", "skipped"), started="0"),
        Start((Go("1", COVERAGE, CLAIM),)),
    ),
    (
        "the last output is the result",
        after(finished("0", a=1), finished("1", b=2), finished("2", c=3)),
        Finish({"c": 3}),
    ),
    (
        "the last skipped: the one before it",
        after(finished("0", a=1), finished("1", b=2), Reply("2", "skipped")),
        Finish({"b": 2}),
    ),
    ("nobody did anything", after(*(Reply(key, "skipped") for key in "012")), Finish({})),
    (
        "a failure is a question",
        after(Reply("0", "failed"), started="0"),
        Ask("intake failed. Skip it, try again or stop?", "0"),
    ),
    (
        "a second reply changes nothing",
        after(finished("0", a=1), finished("0", a=9)),
        Start((Go("1", COVERAGE, {"a": 1}),)),
    ),
    ("a stranger's reply changes nothing", after(finished("9", a=9), started="0"), Wait(("0",))),
    ("no members, nothing to do", State((), CLAIM), Finish({})),
]

ALL_DONE = (finished("2", f=3), finished("0", i=1), finished("1", c=2))
MERGED = {"intake": {"i": 1}, "coverage": {"c": 2}, "fraud": {"f": 3}}
CONCURRENT = [
    ("all get the input", after(), Start((Go("0", INTAKE, CLAIM), Go("1", COVERAGE, CLAIM), Go("2", FRAUD, CLAIM)))),
    ("the open ones are waited for", after(finished("1", c=2), started="0 1 2"), Wait(("0", "2"))),
    ("who was not begun is begun", after(started="0 2"), Start((Go("1", COVERAGE, CLAIM),))),
    ("without a joiner the map is the result", after(*ALL_DONE, started="0 1 2"), Finish(MERGED)),
    (
        "the joiner gets the map",
        after(*ALL_DONE, started="0 1 2", join=ASSESSOR),
        Start((Go("join", ASSESSOR, MERGED, "join"),)),
    ),
    ("the joiner is waited for", after(*ALL_DONE, started="0 1 2 join", join=ASSESSOR), Wait(("join",))),
    ("the joiner's output is the result", after(*ALL_DONE, finished("join", all=6), join=ASSESSOR), Finish({"all": 6})),
    ("a skipped joiner leaves the map", after(*ALL_DONE, Reply("join", "skipped"), join=ASSESSOR), Finish(MERGED)),
    (
        "who was skipped is absent",
        after(finished("0", i=1), Reply("1", "skipped", {"half": "done"}), finished("2", f=3)),
        Finish({"intake": {"i": 1}, "fraud": {"f": 3}}),
    ),
    ("a failure is a question", after(Reply("2", "failed")), Ask("fraud failed. Skip it, try again or stop?", "2")),
    (
        "so is the joiner's",
        after(*ALL_DONE, Reply("join", "failed"), join=ASSESSOR),
        Ask("assessor failed. Skip it, try again or stop?", "join"),
    ),
]


@pytest.mark.parametrize(("why", "state", "step"), SEQUENTIAL, ids=[row[0] for row in SEQUENTIAL])
def test_sequential(why: str, state: State, step: object) -> None:
    assert PATTERNS["sequential"](state) == step


@pytest.mark.parametrize(("why", "state", "step"), CONCURRENT, ids=[row[0] for row in CONCURRENT])
def test_concurrent(why: str, state: State, step: object) -> None:
    assert PATTERNS["concurrent"](state) == step


@st.composite
def teams(draw: st.DrawFn) -> tuple[str, State]:
    count = draw(st.integers(0, 6))
    members = tuple(Member(str(number), f"agent{number}") for number in range(count))
    join = draw(st.sampled_from([None, ASSESSOR]))
    pattern = draw(st.sampled_from(ONCE))
    return pattern, State(members, CLAIM, join if pattern == "concurrent" else None)


def play(pattern: str, state: State, data: st.DataObject) -> tuple[list[Go], Finish]:
    """Run a team to its end, answering open steps in any order, some of them twice."""
    gos: list[Go] = []
    while not isinstance(step := PATTERNS[pattern](state), Finish):
        if isinstance(step, Start):
            gos += step.gos
            state = State(
                state.members, state.input, state.join, state.started | {go.step for go in step.gos}, state.replies
            )
            continue
        assert isinstance(step, Wait) and step.until, "nobody is waited for and nothing is begun"
        assert len(gos) + len(state.replies) <= 100, "the team does not end"
        answered = data.draw(st.sampled_from(step.until))
        ending = data.draw(st.sampled_from(ENDINGS))
        twice = [Reply(answered, "finished", {"late": True})] * data.draw(st.integers(0, 1))
        replies = (*state.replies, Reply(answered, ending, {"by": answered}), *twice)
        state = State(state.members, state.input, state.join, state.started, replies)
    return gos, step


@settings(max_examples=EXAMPLES, deadline=None)
@given(teams(), st.data())
def test_every_team_ends_with_each_step_taken_once(team: tuple[str, State], data: st.DataObject) -> None:
    pattern, state = team
    gos, finish = play(pattern, state, data)
    expected = [member.key for member in state.members] + ([state.join.key] if state.join else [])
    assert sorted(go.step for go in gos) == sorted(expected)
    assert "late" not in str(finish.result), "a second reply counted"


REPLIES = st.builds(
    Reply, st.sampled_from(["0", "1", "2", "join", "9"]), st.sampled_from(["finished", "skipped"]), st.just({"x": 1})
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.sampled_from(ONCE),
    st.sampled_from([None, ASSESSOR]),
    st.frozensets(st.sampled_from(["0", "1", "2", "join"])),
    st.lists(REPLIES, max_size=8),
)
def test_any_state_has_an_answer_that_speaks_to_nobody_twice(
    pattern: str, join: Member | None, started: frozenset[str], replies: list[Reply]
) -> None:
    state = State((INTAKE, COVERAGE, FRAUD), CLAIM, join, started, tuple(replies))
    step = PATTERNS[pattern](state)
    assert PATTERNS[pattern](state) == step
    if isinstance(step, Start):
        spoken_to = {go.step for go in step.gos}
        assert not spoken_to & (started | {reply.step for reply in replies})
        assert spoken_to <= {"0", "1", "2", "join"}


@pytest.mark.parametrize("order", permutations("012"))
def test_the_order_of_arrival_changes_no_result(order: tuple[str, ...]) -> None:
    replies = tuple(finished(key, by=key) for key in order)
    state = State((INTAKE, COVERAGE, FRAUD), CLAIM, None, frozenset("012"), replies)
    result = PATTERNS["concurrent"](state)
    assert result == Finish({"intake": {"by": "0"}, "coverage": {"by": "1"}, "fraud": {"by": "2"}})
    assert isinstance(result, Finish) and list(result.result) == ["intake", "coverage", "fraud"]
