"""What may pass between agents: schemas, rules, contradictions."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.contracts import check, contradictions, fires, validate
from orchestration.values.rules import mistakes
from orchestration.values.schemas import schema_mistakes

PAYOUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "payout_cents": {"type": "integer", "minimum": 0},
        "decision": {"enum": ["pay", "refer"]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "payee": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "required": ["payout_cents", "decision"],
    "additionalProperties": False,
    "$defs": {"line": {"type": "object", "required": ["label"], "additionalProperties": {"type": "integer"},
                       "properties": {"label": {"type": "string"}}}},
}  # fmt: skip
GOOD = {"payout_cents": 8_124_000, "decision": "pay", "currency": "USD", "payee": None, "lines": [{"label": "Car"}]}


def test_what_fits_has_no_mistakes() -> None:
    assert validate(PAYOUT, GOOD) == []


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"payout_cents": 5.0}, "payout_cents is 5.0; expected an integer"),
        ({"payout_cents": True}, "payout_cents is true; expected an integer"),
        ({"payout_cents": -1}, "payout_cents is -1; expected 0 or more"),
        ({"decision": "deny"}, 'decision is "deny"; expected one of pay, refer'),
        ({"currency": "usd"}, 'currency is "usd"; expected text that matches ^[A-Z]{3}$'),
        ({"payee": 7}, "payee is 7; expected text or null"),
        ({"lines": [{"label": "Car"}, {}]}, "lines[1].label is missing; expected text"),
        ({"lines": [{"label": "Car", "cents": "5"}]}, 'lines[0].cents is "5"; expected an integer'),
        (
            {"note": "x"},
            "note is not a known key; expected one of payout_cents, decision, currency, payee, lines",
        ),
    ],
)
def test_a_mistake_names_the_path_and_what_was_expected(change: dict[str, Any], mistake: str) -> None:
    assert validate(PAYOUT, {**GOOD, **change}) == [mistake]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(validate(PAYOUT, {"decision": "deny", "x": 1})) == 3


def test_of_several_alternatives_the_closest_is_explained() -> None:
    either = {"anyOf": [{"type": "integer"}, {"type": "object", "required": ["amount"]}]}
    assert validate(either, {}) == ["amount is missing; expected a value"]
    assert validate(either, "x") == ['the value is "x"; expected one of the alternatives']


def test_a_choice_of_1_is_not_true() -> None:
    assert validate({"enum": [1]}, 1) == [] != validate({"enum": [1]}, True)


def test_nothing_is_fetched_and_nothing_turns_in_circles() -> None:
    assert validate({"$ref": "http://127.0.0.1:9/x.json"}, 1) == [
        "the value cannot be checked; expected a schema whose $ref can be followed"
    ]
    assert validate({"$ref": "#"}, 1)


def test_a_pattern_takes_linear_time() -> None:
    begun = time.monotonic()
    assert validate({"pattern": "^(a+)+$"}, "a" * 5000 + "b")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("schema", "mistake"),
    [
        ({"$ref": "http://x/y"}, "$ref points to http://x/y; expected a place in this schema"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "properties.a.$ref points to #/$defs/b"),
        ({"type": "int"}, 'type is "int"; expected one of array, '),
        ({"properties": []}, "properties is []; expected keys and values"),
        ({"items": {"pattern": "("}}, 'items.pattern is "("; expected a regular expression'),
        ({"patternProperties": {"^a": {}}}, "patternProperties is not used here"),
        ({"$id": "http://x"}, "$id is not used here"),
        ("text", 'the value is "text"; expected'),
    ],
)
def test_a_schema_that_cannot_be_used(schema: Any, mistake: str) -> None:
    assert [str(found)[: len(mistake)] for found in schema_mistakes(schema)] == [mistake]


def test_a_schema_that_can() -> None:
    assert schema_mistakes(PAYOUT) == []
    assert schema_mistakes({"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}}) == []


ADJUDICATOR = {"agent": "adjudicator", "input": {}, "output": {"payout_cents": 7_500_001, "lines": [1, 2], "why": "x"}}
HIGH = "agent == 'adjudicator' && output.payout_cents > 7500000"


def test_a_rule_fires_above_the_bar_and_not_on_it() -> None:
    fired = fires(HIGH, ADJUDICATOR)
    assert fired is not None and (fired.reason, fired.broken) == (HIGH, False)
    assert fires(HIGH, {**ADJUDICATOR, "output": {"payout_cents": 7_500_000}}) is None
    assert fires(HIGH, {"agent": "intake", "input": {}, "output": {}}) is None


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("output.amount > 1", "there is no amount"),
        ("output.why > 1", "it compares or adds values of different kinds"),
        ("output.payout_cents / 0 > 1", "division by zero"),
        ("output.lines[9] > 1", "index out of bounds: 9"),
        ("output.payout_cents", "it gives 7500001, neither true nor false"),
        ("nobody", "Undefined variable or function: 'nobody'"),
        ("output.payout_cents >", "column 22: mismatched input '<EOF>'"),
        ("output.why.matches('(')", "Function 'matches' error"),
        ("output.lines.exists(a, output.lines.exists(b, a == b))", "it has a loop"),
    ],
)
def test_a_rule_that_errors_counts_as_fired_and_a_check_that_errors_as_failed(rule: str, reason: str) -> None:
    fired = fires(rule, ADJUDICATOR)
    assert fired is not None and fired.broken and reason in fired.reason
    assert reason in (check(rule, ADJUDICATOR) or "")


def test_a_check_says_which_rule_does_not_hold() -> None:
    assert check("output.payout_cents >= 0", ADJUDICATOR) is None
    assert check("output.payout_cents < 0", ADJUDICATOR) == "The check output.payout_cents < 0 does not hold."


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (HIGH, []),
        ("output.lines.all(line, line.cents > 0) && output.lines.exists(other, other.cents > 9)", []),
        ("output.why == '.map(' && output.lines.map(x, x) == []", []),
        ("has(output.why) && size(output.why) > 3 && output.why.startsWith('x')", []),
        ("outptu.x > 1", ["nothing is called outptu; a rule knows agent, input, output"]),
        ("sum(output.lines) > 1", ["there is no function sum"]),
        ("agent = 'x'", ["column 7: token recognition error at: '= '"]),
        ("1" * 2001, ["it is longer than 2,000 characters"]),
    ],
)
def test_a_rule_is_read_before_it_ever_runs(rule: str, found: list[str]) -> None:
    assert mistakes(rule) == found


@pytest.mark.parametrize(
    "rule",
    [
        "output.l.map(i, output.l.map(j, 1)) == []",
        "output.l . map (i, [1].filter (j, j > i)) == []",
        r"r'a\' == 'b' || output.l.map(i, output.l.map(j, 1)) == []",
        "output.l.map(i, ') // ' == '' || output.l.all(j, j)) == []",
        "output.l.map(i, // '\n output.l.map(j, 1)) == [] // '",
        "'''a'b''' == '' || output.l.map(i, output.l.map(j, 1)) == []",
    ],
)
def test_loops_within_loops_do_not_hide(rule: str) -> None:
    assert "within a loop" in mistakes(rule)[0]


@given(st.dictionaries(st.sampled_from(["payout_cents", "x"]), st.none() | st.integers() | st.text() | st.booleans()))
def test_no_output_slips_past_a_rule(output: dict[str, Any]) -> None:
    amount = output.get("payout_cents")
    harmless = isinstance(amount, int) and not isinstance(amount, bool) and amount <= 7_500_000
    assert (fires(HIGH, {"agent": "adjudicator", "input": {}, "output": output}) is None) == harmless


def test_contradictions_are_facts_given_differently() -> None:
    coverage = {"total_cents": 5, "policy": "P1", "summary": "fine", "car": {"year": 2014, "make": None}, "hit": 1}
    fraud = {"total_cents": 6, "policy": "P1", "summary": "odd", "car": {"year": 2015, "make": "Saab"}, "hit": True}
    assert contradictions({"coverage": coverage, "fraud": fraud}) == [
        {"field": "car.year", "values": {"coverage": 2014, "fraud": 2015}},
        {"field": "hit", "values": {"coverage": 1, "fraud": True}},
        {"field": "total_cents", "values": {"coverage": 5, "fraud": 6}},
    ]
    assert contradictions({"coverage": coverage}) == contradictions({}) == []
