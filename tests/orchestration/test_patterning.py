"""Another pattern is written into a team's text; nothing that a person wrote is lost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns import PATTERNS
from orchestration.teams.gallery import gallery
from orchestration.teams.linting.patterns import BELONGS, patterns
from orchestration.teams.loading import Unreadable, load
from orchestration.teams.patterning import CHOICES, MARK, choose_pattern

TEXTS = {
    **gallery(),
    "small": """schema: 1
# what it is for
name: Small
pattern: "concurrent"   # all look
members: [{agent: ada}, {agent: ben}]
join: cyn
need: 2

# who they are
agents:
  ada:
    role: Looks
    brain: {model: {}}
    instructions: |
      Say something.

      # not a comment
  ben: {role: Looks, brain: {model: {}}, output: {type: object, properties: {approved: {type: boolean}}}}
  cyn: {role: Joins, brain: {model: {}}}
""",
    "long": """schema: 1
name: Long
pattern: handoff
handoffs:
  # who knows whom
  ada:
    - ben

  ben: [ada]
members:
  - agent: ada
  - agent: ben
agents:
    ada: {role: A, brain: {model: {}}}
    ben: {role: B, brain: {model: {}}}""",
}


def kept(before: str, after: str) -> bool:
    """Whether every line but that of the pattern is still there, at worst as a comment, in the same order."""
    left = iter(after.splitlines())
    lines = [
        line.removeprefix(MARK) for line in before.splitlines() if not line.startswith(("pattern:", f"{MARK}pattern:"))
    ]
    return all(any(line == found.removeprefix(MARK) for found in left) for line in lines)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(sorted(TEXTS)), st.lists(st.sampled_from(sorted(PATTERNS)), min_size=1, max_size=6))
def test_whatever_is_chosen_nothing_is_lost_and_the_team_fits(slug: str, chosen: list[str]) -> None:
    text = original = TEXTS[slug]
    for pattern in chosen:
        text = choose_pattern(text, pattern)
        team: dict[str, Any] = load(text).data
        assert team["pattern"] == pattern and kept(original, text)
        assert not [key for key in BELONGS if key in team and pattern not in BELONGS[key]]
        assert [one.message for one in patterns(team) if one.severity == "error"] == []
        assert choose_pattern(text, pattern) == text, "it is there already"
    first = load(original).data
    again = load(choose_pattern(text, first["pattern"])).data
    assert {key: again.get(key) for key in first if key != "agents"} == {
        key: first[key] for key in first if key != "agents"
    }
    assert again["agents"].items() >= first["agents"].items() if first["agents"] else True


def test_each_pattern_is_offered() -> None:
    assert [choice.name for choice in CHOICES] == list(PATTERNS)


@pytest.mark.parametrize(
    ("slug", "pattern", "lines"),
    [
        ("small", "manager", ["manager: cyn", f"{MARK}join: cyn", f"{MARK}need: 2", "pattern: manager   # all look"]),
        ("small", "group_chat", ['until: "last.output.approved"']),
        ("small", "handoff", ["handoffs: {ada: [ben]}"]),
        ("long", "manager", ["manager: manager", "    manager:", f"{MARK}  # who knows whom", f"{MARK}"]),
        ("long", "group_chat", ["speaker: {by: round_robin}"]),
    ],
)
def test_what_a_pattern_needs_is_written(slug: str, pattern: str, lines: list[str]) -> None:
    written = choose_pattern(TEXTS[slug], pattern).splitlines()
    assert [line for line in lines if line not in written] == []


def test_a_team_that_is_not_finished_gets_the_pattern_only() -> None:
    assert choose_pattern("schema: 1\npattern: sequential\nmembers: 7\n", "manager") == (
        "schema: 1\npattern: manager\nmembers: 7\n"
    )


@pytest.mark.parametrize("text", ['{"schema": 1, "pattern": "sequential"}', "pattern: [", "pattern:\n  sequential\n"])
def test_what_has_no_lines_of_its_own_is_left_alone(text: str) -> None:
    with pytest.raises(Unreadable):
        choose_pattern(text, "concurrent")
