"""Text of a team ↔ data: lines, refusals, and a round trip that changes nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.teams.dumping import dump
from orchestration.teams.loading import Unreadable, load

TEAM = """\
schema: 1
name: Auto claims   # a comment
members:
  - agent: intake
  - team: {pattern: concurrent,
           members: [{agent: coverage}, {agent: fraud}]}
agents:
  intake:
    instructions: |
      Read the claim.

      Write down what it says.
    limits: {tokens: 20000}
"""


def test_every_value_has_its_line() -> None:
    loaded = load(TEAM)
    assert loaded.data["members"][1]["team"]["members"] == [{"agent": "coverage"}, {"agent": "fraud"}]
    assert loaded.data["agents"]["intake"]["instructions"] == "Read the claim.\n\nWrite down what it says.\n"
    assert loaded.lines[("schema",)] == 1
    assert loaded.lines[("members", 1, "team", "members", 1, "agent")] == 6
    assert loaded.lines[("agents", "intake", "limits", "tokens")] == 13


def test_what_is_missing_has_the_line_of_what_is_around_it() -> None:
    assert load(TEAM).line(("agents", "intake", "brain", "procedure")) == 8


def test_json_is_read_with_lines_too() -> None:
    loaded = load('{\n\t"schema": 1,\n\t"name": "\\ud83d\\ude00 \\/",\n\t"members": [\n\t\t{"agent": "x"}]}', "json")
    assert loaded.data == {"schema": 1, "name": "😀 /", "members": [{"agent": "x"}]}
    assert loaded.lines[("members", 0, "agent")] == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2d", "2d"),
        ("no", "no"),
        ("on", "on"),
        ("2024-05-01", "2024-05-01"),
        ("1:30", "1:30"),
        ("007", "007"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("true", True),
        ("null", None),
        ("-7", -7),
        ("2.5e3", 2500.0),
        ("'7'", "7"),
    ],
)
def test_nothing_turns_into_a_date_or_a_boolean_by_surprise(text: str, value: Any) -> None:
    read = load(f"key: {text}").data["key"]
    assert (read, type(read)) == (value, type(value))


BROKEN = [
    ("a: 1\nb: 2\na: 3", 3, "The key a stands here twice."),
    ("a: &x 1", 1, "Anchors (&) and aliases (*) are not used here."),
    ("a: 1\nb: *x", 2, "Anchors (&) and aliases (*) are not used here."),
    ("a:\n\tb: 1", 2, "There is a tab."),
    ("", 1, "This is no team."),
    ("- agent: intake", 1, "This is no team."),
    ("a: 1\n---\nb: 2", 2, "A second document begins."),
    ("a: 1\nb: c: d", 2, "A second colon stands in this line."),
    ("a: !!python/object/apply:os.system [ls]", 1, "Tags (tag:yaml.org,2002:python/object/apply:os.system)"),
    ("? [a]\n: 1", 1, "A key is a list or a mapping."),
    ("a: " + "[" * 5000, 1, "This is nested too deeply."),
    ('a: 1\nb: "\\0"', 2, "There is a character that cannot be part of a text."),
    ('a: "\\ud800"', 1, "There is a character that cannot be part of a text."),
    ("a: 1\nb: \x00", 2, "There is a character that cannot be part of a text."),
    ("a: 1e999", 1, "The number 1e999 is too large."),
    ("a: 9007199254740993", 1, "The number 9007199254740993 is too large."),
    ("x" * 200_001, 1, "The text is 200,001 characters long."),
    ("a: 'x", 1, "This is not YAML"),
]


@pytest.mark.parametrize(("text", "line", "message"), BROKEN)
def test_broken_yaml_is_refused_by_line(text: str, line: int, message: str) -> None:
    with pytest.raises(Unreadable) as refused:
        load(text)
    assert refused.value.line == line
    assert refused.value.message.startswith(message)
    assert refused.value.expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1,\n"a": 2}', 2, "The key a stands here twice."),
        ('{"a": NaN}', 1, "NaN is no number."),
        ("[" * 100_000, 1, "This is nested too deeply."),
        ('{"a": 1,\n}', 2, "This is not JSON"),
        ("{a: 1}", 1, "This is not JSON"),
    ],
)
def test_broken_json_is_refused_by_line(text: str, line: int, message: str) -> None:
    with pytest.raises(Unreadable) as refused:
        load(text, "json")
    assert (refused.value.line, refused.value.message[: len(message)]) == (line, message)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["no", "1e5", "2d", "0x1", "1_0", "~", "=", "<<", "- a", "a: b\n  c\n", " x\n", "on", "0o7", "1:30"]
    )
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@settings(max_examples=1000, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_import_export_import_gives_the_same_data(data: dict[str, Any]) -> None:
    assert load(dump(data)).data == data


def test_an_export_is_made_to_be_read() -> None:
    data = load(TEAM).data
    text = dump(data)
    assert "    instructions: |\n      Read the claim.\n\n      Write" in text
    assert "  - agent: intake\n" in text
    assert "limits:\n      tokens: 20000" in text
