"""Who receives what, when people are asked, and that handing on ends."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns.base import Ask, Finish, Go, Reply, Start, State, Step, Terms, Wait
from orchestration.patterns.handoff import next_step
from tests.orchestration.pattern_play import ADA, BEN, CAM, EXAMPLES, NAMES, REQUEST, after, finished, play, team


def to(step: str, name: Any, **payload: Any) -> Reply:
    return finished(step, handoff={"to": name, "payload": payload}, summary="Over to you.")


ONLY_BEN = Terms(handoffs={"ada": ("ben",)})
ROUTED = frozenset({("0", "route")})
CANNOT = "ada hands this to {}, to whom it cannot be handed. Who goes on?"
AROUND = (to("0", "ben", n=1), to("1", "ada", n=2), to("0#2", "ben", n=3))

TABLE: list[tuple[str, State, Step]] = [
    ("the first gets the run's input", after(), Start((Go("0", ADA, REQUEST),))),
    ("it is waited for", after(started="0"), Wait(("0",))),
    ("an answer is the result", after(finished("0", a=1)), Finish({"a": 1})),
    ("the receiver gets the payload and no more", after(to("0", "cam", n=1)), Start((Go("2", CAM, {"n": 1}),))),
    (
        "without a payload it gets what the giver got",
        after(finished("0", handoff={"to": "ben"})),
        Start((Go("1", BEN, REQUEST),)),
    ),
    ("back is allowed, as a step of its own", after(*AROUND[:2]), Start((Go("0#2", ADA, {"n": 2}),))),
    ("to nobody: people", after(to("0", "zoe")), Ask(CANNOT.format("zoe"), "0", "route")),
    ("to oneself: people", after(to("0", "ada")), Ask(CANNOT.format("ada"), "0", "route")),
    ("to whom it may not: people", after(to("0", "cam"), terms=ONLY_BEN), Ask(CANNOT.format("cam"), "0", "route")),
    (
        "who is not named as a giver may hand on to nobody",
        after(to("0", "ben", n=1), to("1", "cam"), terms=ONLY_BEN),
        Ask("ben hands this to cam, to whom it cannot be handed. Who goes on?", "1", "route"),
    ),
    (
        "whom people agree to, goes on",
        after(to("0", "cam", n=1), terms=ONLY_BEN, answered=ROUTED),
        Start((Go("2", CAM, {"n": 1}),)),
    ),
    ("to people", after(to("0", "people", n=1)), Ask("ada hands this to people. Who goes on?", "0", "route")),
    (
        "they take it",
        after(to("0", "people", n=1), answered=ROUTED),
        Finish({"summary": "Over to you.", "n": 1}, "ada hands this to people."),
    ),
    (
        "too often: people",
        after(*AROUND, terms=Terms(most_handoffs=2)),
        Ask("This was handed on 2 times without an end; now ada means ben. Who goes on?", "0#2", "route"),
    ),
    (
        "they let it go on",
        after(*AROUND, terms=Terms(most_handoffs=2), answered=frozenset({("0#2", "route")})),
        Start((Go("1#2", BEN, {"n": 3}),)),
    ),
    (
        "who gave up hands back to people",
        after(to("0", "ben"), Reply("1", "skipped")),
        Ask("ben gave up, and nobody else was named. Who goes on?", "0", "route"),
    ),
    ("the first gave up", after(Reply("0", "skipped")), Finish({})),
    (
        "a failure is a question",
        after(to("0", "ben"), Reply("1", "failed")),
        Ask("ben failed. Skip it, try again or stop?", "1"),
    ),
    (
        "a second reply changes nothing",
        after(to("0", "ben", n=1), finished("0", a=9)),
        Start((Go("1", BEN, {"n": 1}),)),
    ),
    ("a stranger's reply changes nothing", after(finished("9", a=9), started="0"), Wait(("0",))),
    ("nobody to begin with", State((), REQUEST), Finish({})),
]


@pytest.mark.parametrize(("why", "state", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_handoff(why: str, state: State, step: Step) -> None:
    assert next_step(state) == step


def words(go: Go, data: st.DataObject) -> dict[str, Any]:
    if data.draw(st.integers(0, 4)) == 0:
        return {"by": go.step}
    payloads: list[dict[str, Any]] = [{"payload": {"n": 1}}, {}, {"payload": "no object"}]
    payload = data.draw(st.sampled_from(payloads))
    return {"by": go.step, "handoff": {"to": data.draw(NAMES), **payload}}


@st.composite
def offices(draw: st.DrawFn) -> State:
    state = team(draw)
    names = [member.name for member in state.members]
    allowed = draw(st.none() | st.dictionaries(st.sampled_from(names), st.just(tuple(names))))
    cap = draw(st.integers(1, 6))
    return replace(state, terms=replace(state.terms, handoffs=allowed, most_handoffs=cap))


@settings(max_examples=EXAMPLES, deadline=None)
@given(offices(), st.data())
def test_every_handing_on_ends_at_the_cap_or_with_people(state: State, data: st.DataObject) -> None:
    played = play("handoff", state, data, words, 60)
    agreed = sum(ask.act == "route" for ask in played.asked)
    assert len(played.gos) <= 1 + state.terms.most_handoffs + agreed
    assert "late" not in str(played.result), "a second reply counted"
    for before, go in pairwise(played.gos):
        allowed = (state.terms.handoffs or {}).get(before.member.name, ())
        assert state.terms.handoffs is None or go.member.name in allowed or agreed, "handed to whom it may not"
