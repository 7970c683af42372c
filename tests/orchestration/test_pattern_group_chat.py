"""Who speaks next, how a conversation ends, and that it does."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns.base import Ask, Finish, Go, Reply, Start, State, Step, Terms, Wait
from orchestration.patterns.group_chat import next_step
from tests.orchestration.pattern_play import (
    ADA,
    BEN,
    CAM,
    EXAMPLES,
    MANAGER,
    NAMES,
    REQUEST,
    after,
    finished,
    play,
    team,
)


def given_to(*said: tuple[str, dict[str, Any]], round: int = 1, **more: Any) -> dict[str, Any]:
    heard = [{"agent": agent, "output": output} for agent, output in said]
    return {"request": REQUEST, "said": heard, "round": round, **more}


BY_MANAGER = Terms(manager=MANAGER, speaker="manager")
BY_RULE = Terms(speaker="rule")
A, B, C = finished("0", a=1), finished("1", b=2), finished("2", c=3)
ALL = ("ada", {"a": 1}), ("ben", {"b": 2}), ("cam", {"c": 3})
ANY = ["ada", "ben", "cam"]

TABLE: list[tuple[str, State, Step]] = [
    ("the first speaks first", after(), Start((Go("0", ADA, given_to()),))),
    ("it is waited for", after(started="0"), Wait(("0",))),
    ("then whose turn it is, having heard it", after(A), Start((Go("1", BEN, given_to(ALL[0])),))),
    ("after the last comes the first again", after(A, B, C), Start((Go("0#2", ADA, given_to(*ALL, round=2)),))),
    (
        "who gave up is passed over",
        after(A, Reply("1", "skipped"), C, finished("0#2", a=4)),
        Start((Go("2#2", CAM, given_to(ALL[0], ALL[2], ("ada", {"a": 4}), round=2)),)),
    ),
    ("until holds: what was said last", after(A, Reply("1", "finished", {"b": 2}, done=True)), Finish({"b": 2})),
    (
        "a verdict is not the result",
        after(A, Reply("1", "finished", {"approved": True}, done=True)),
        Finish({"a": 1}),
    ),
    ("a failure is a question", after(Reply("0", "failed")), Ask("ada failed. Skip it, try again or stop?", "0")),
    ("nobody is left", after(*(Reply(key, "skipped") for key in "012")), Finish({})),
    (
        "the rounds are over: people",
        after(A, B, C, terms=Terms(rounds=1)),
        Ask("Not settled within 1 rounds. Take what cam gave last?", "2", "rounds"),
    ),
    (
        "they take it",
        after(A, B, C, terms=Terms(rounds=1), answered=frozenset({("2", "rounds")})),
        Finish({"c": 3}, "Not settled within 1 rounds."),
    ),
    (
        "or the team takes the best there is",
        after(A, B, finished("2", approved=False), terms=Terms(rounds=1, on_max_rounds="best")),
        Finish({"b": 2}, "Not settled within 1 rounds."),
    ),
    (
        "the manager chooses",
        after(terms=BY_MANAGER),
        Start((Go("manager", MANAGER, given_to(may_speak=ANY), "choose"),)),
    ),
    (
        "whom it names speaks",
        after(finished("manager", next="cam", done=False), terms=BY_MANAGER),
        Start((Go("2", CAM, given_to()),)),
    ),
    (
        "who does not exist does not",
        after(finished("manager", next="zoe", done=False), terms=BY_MANAGER),
        Start((Go("0", ADA, given_to(), note="maya named zoe, who may not speak; ada is next."),)),
    ),
    (
        "nor who gave up",
        after(
            finished("manager", next="cam", done=False),
            Reply("2", "skipped"),
            finished("manager#2", next="cam", done=False),
            terms=BY_MANAGER,
        ),
        Start((Go("0", ADA, given_to(), note="maya named cam, who may not speak; ada is next."),)),
    ),
    (
        "the manager ends it",
        after(finished("manager", next="ada"), A, finished("manager#2", next=None, done=True), terms=BY_MANAGER),
        Finish({"a": 1}),
    ),
    (
        "a rule names the next",
        after(Reply("0", "finished", {"a": 1}, chosen="cam"), terms=BY_RULE),
        Start((Go("2", CAM, given_to(ALL[0])),)),
    ),
    (
        "a rule that names nobody",
        after(A, terms=BY_RULE),
        Start((Go("1", BEN, given_to(ALL[0]), note="The rule named nobody, who may not speak; ben is next."),)),
    ),
    ("a second reply changes nothing", after(A, finished("0", a=9)), Start((Go("1", BEN, given_to(ALL[0])),))),
    ("a stranger's reply changes nothing", after(finished("9", a=9), started="0"), Wait(("0",))),
]


@pytest.mark.parametrize(("why", "state", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_group_chat(why: str, state: State, step: Step) -> None:
    assert next_step(state) == step


@st.composite
def chats(draw: st.DrawFn) -> State:
    speaker = draw(st.sampled_from(["round_robin", "manager", "rule"]))
    return team(draw, speaker=speaker, manager=MANAGER if speaker == "manager" else None)


def words(go: Go, data: st.DataObject) -> dict[str, Any]:
    if go.purpose == "choose":
        return {"next": data.draw(NAMES), "done": data.draw(st.integers(0, 9)) == 0}
    verdict = {"approved": False} if data.draw(st.booleans()) else {}
    return {"by": go.step, "done": data.draw(st.integers(0, 9)) == 0, **verdict}


@settings(max_examples=EXAMPLES, deadline=None)
@given(chats(), st.data())
def test_every_conversation_ends_with_each_step_taken_once(state: State, data: st.DataObject) -> None:
    turns = state.terms.rounds * len(state.members)
    played = play("group_chat", state, data, words, 2 * turns)
    spoken = [go for go in played.gos if go.purpose == "work"]
    assert len(spoken) <= turns
    assert "late" not in str(played.result), "a second reply counted"
    assert all(len(go.input["said"]) <= number for number, go in enumerate(spoken))
    assert {ask.act for ask in played.asked} <= ({"rounds"} if state.terms.on_max_rounds == "ask" else set())
