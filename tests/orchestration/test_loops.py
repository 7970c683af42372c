"""What is a loop and what only looks like one."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.limits.loops import Called, Taken, find_loop, same_call


def said(agent: str, text: str, **more: Any) -> Taken:
    return Taken(agent, {"summary": text, **more})


def handed(way: str) -> list[Taken]:
    """A hands to B, B to C, …: "abc" is two hand-overs, of other things each time."""
    return [Taken(giver, {"n": number}, to) for number, (giver, to) in enumerate(pairwise(way))]


LOOPS: list[tuple[str, list[Taken], str]] = [
    ("back and forth", handed("ababa"), "b and a handed this back and forth 3 times."),
    ("after a straight way", handed("xyzababa"), "b and a handed this back and forth 3 times."),
    ("the same words", [said("ada", "Great!")] * 3, "ada said the same 3 times in a row."),
    (
        "praising each other",
        [said("ada", "Great!"), said("ben", "No, you are!")] * 2 + [said("ada", "Great!!")],
        "ada said the same 3 times in a row.",
    ),
    (
        "only ever more",
        [said("ada", "More " * (2**n)) for n in range(1, 5)],
        "What ada says only grows: 3 times in a row all of it came again with more.",
    ),
]
LOOK_ALIKES: list[tuple[str, list[Taken]]] = [
    ("nothing happened", []),
    ("twice is not too often", handed("abab")),
    ("a round of three", handed("abcabcabc")),
    ("it came to an answer", [*handed("ababa"), said("a", "Done.")]),
    ("two who say the same once", [said("ada", "Yes."), said("ben", "Yes."), said("cam", "Yes.")]),
    ("the same with other numbers", [said("ada", "Paid.", cents=cents) for cents in (100, 200, 300)]),
    ("the same again after something else", [said("ada", "No."), said("ada", "Yes."), said("ada", "No.")]),
    ("a text that is rewritten as it grows", [said("ada", text) for text in ("a b", "b a c", "c a b d", "d a c b e")]),
    ("empty answers are none", [Taken("ada")] * 2),
]


@pytest.mark.parametrize(("why", "taken", "seen"), LOOPS, ids=[row[0] for row in LOOPS])
def test_a_loop_is_seen_and_named(why: str, taken: list[Taken], seen: str) -> None:
    assert find_loop(taken, 3) == seen
    assert find_loop(taken[:-1], 3) == "", "seen too early"


@pytest.mark.parametrize(("why", "taken"), LOOK_ALIKES, ids=[row[0] for row in LOOK_ALIKES])
def test_what_only_looks_like_a_loop_is_none(why: str, taken: list[Taken]) -> None:
    assert find_loop(taken, 3) == ""


CALLS = [
    ([("read", "x")] * 3, True),
    ([("read", "x")] * 2, False),
    ([("read", "x"), ("read", "y"), ("read", "z")], False),
    ([("other", "x")] * 3, False),
    ([("read", "x"), ("other", "q"), ("read", "x"), ("other", "q"), ("read", "x")], True),
    ([("read", "nothing yet"), ("read", "x"), ("read", "x"), ("read", "x")], True),
]


@pytest.mark.parametrize(("made", "loop"), CALLS)
def test_the_same_call_with_the_same_outcome(made: list[tuple[str, str]], loop: bool) -> None:
    assert same_call([Called(*one) for one in made], "read", 3) is loop


TURNS = st.builds(
    Taken,
    st.sampled_from("ab"),
    st.fixed_dictionaries({"summary": st.sampled_from(["Yes", "No", "Yes and no"])}),
    st.sampled_from(["", "a", "b"]),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(TURNS, max_size=12), st.integers(1, 4))
def test_a_greater_patience_sees_less(taken: list[Taken], repeats: int) -> None:
    if find_loop(taken, repeats + 1):
        assert find_loop(taken, repeats), "seen only with more patience"
    assert find_loop(taken, 13) == ""
