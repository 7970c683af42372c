"""Whatever a person writes, the linter answers, and what it lets pass can be planned and drawn."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.teams.gallery import gallery
from orchestration.teams.linting import has_errors, lint
from orchestration.teams.loading import load
from orchestration.teams.plan import plan
from orchestration.teams.shape import draw
from tests.orchestration.claims_team import GOOD, SURROUNDINGS

WORDS = [
    "agent",
    "team",
    "members",
    "brain",
    "model",
    "intake",
    "coverage",
    "concurrent",
    "sequential",
    "join",
    "rule",
    "2d",
]
SCALARS = st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=5) | st.sampled_from(WORDS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, inner in entries for place in places(inner, (*path, key))]


@st.composite
def teams(draw: st.DrawFn) -> dict[str, Any]:
    """A team of which up to three things were replaced or taken away."""
    team = load(draw(st.sampled_from([GOOD, *gallery().values()]))).data
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(team)[1:]))
        around = team
        for key in way:
            around = around[key]
        if draw(st.booleans()):
            around[last] = draw(VALUES)
        elif isinstance(around, dict):
            del around[last]
    return team


@settings(max_examples=300, deadline=None)
@given(teams())
def test_the_linter_always_answers_and_what_passes_can_be_planned(team: dict[str, Any]) -> None:
    text = json.dumps(team)
    findings = lint(text, **SURROUNDINGS, media="json")
    assert all(finding.line == 1 and finding.message and finding.expected for finding in findings)
    if not has_errors(findings):
        assert plan(team).members
        assert draw(team) and draw(team, {}, upright=True)


@settings(max_examples=1000, deadline=None)
@given(st.text(max_size=200) | st.text("abc:-{}[]'\"#|>&*!%@\n\t ", max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    assert has_errors(lint(text, **SURROUNDINGS))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text('{}[]:,"0tf\\u \n\t', max_size=40))
def test_any_text_that_claims_to_be_json_has_an_answer(text: str) -> None:
    assert has_errors(lint(text, **SURROUNDINGS, media="json"))
