"""What the linter says of how a team works together: keys, names, ends, edges, and the worst case."""

from typing import Any

import pytest

from orchestration.teams.dumping import dump
from orchestration.teams.forecast import Forecast, worst_case
from orchestration.teams.linting import has_errors, lint
from tests.orchestration.claims_team import SURROUNDINGS, said

OUTPUT = {"type": "object", "properties": {"text": {"type": "string"}, "approved": {"type": "boolean"}}}


def agent(**more: Any) -> dict[str, Any]:
    return {"role": "Helps", "brain": {"procedure": "claims.intake"}, "output": OUTPUT, **more}


def team(pattern: str, **more: Any) -> dict[str, Any]:
    """Ada, ben and cam in a pattern that has all it needs."""
    needs: dict[str, dict[str, Any]] = {
        "group_chat": {"until": "last.output.approved"},
        "handoff": {"limits": {"handoffs": 5}},
        "manager": {"manager": "maya", "limits": {"rounds": 2}},
    }
    own = needs.get(pattern, {})
    people = {name: agent() for name in ("ada", "ben", "cam", *(["maya"] if "manager" in {**own, **more} else []))}
    members = [{"agent": name} for name in ("ada", "ben", "cam")]
    whole = {"schema": 1, "name": "x", "pattern": pattern, "members": members, "agents": people}
    return {**whole, **own, **more}


def findings(definition: dict[str, Any]) -> list[str]:
    return [said(finding).split(" ", 1)[1] for finding in lint(dump(definition), **SURROUNDINGS)]


@pytest.mark.parametrize("pattern", ["sequential", "concurrent", "group_chat", "handoff", "manager"])
def test_a_pattern_with_all_it_needs_is_fine(pattern: str) -> None:
    assert findings(team(pattern)) == []


ERRORS: list[tuple[dict[str, Any], str]] = [
    (team("sequential", until="true"), "error: A sequential team has no until."),
    (team("handoff", need=2), "error: A handoff team has no need."),
    (team("group_chat", plan_review="people"), "error: A group_chat team has no plan_review."),
    (team("concurrent", need=4), "error: 4 answers are needed, and there are 3 members. need: 3"),
    (team("manager", manager="ada"), "error: ada would give work to itself."),
    (team("group_chat", speaker={"by": "manager"}), "error: Nobody manages this team."),
    (team("group_chat", manager="maya"), "error: This manager never chooses a speaker. speaker: {by: manager}"),
    (team("manager", manager="zoe"), "error: No agent is called zoe."),
    (team("group_chat", until="last.output.approved &&"), "error: This rule cannot be worked out: column"),
    (team("group_chat", until="output.approved"), "error: This rule cannot be worked out: nothing is called output"),
    (team("handoff", handoffs={"ada": ["zoe"]}), "error: No member is called zoe."),
    (team("handoff", handoffs={"zoe": ["ada"]}), "error: No member is called zoe."),
    (team("handoff", handoffs={"ada": ["ada", "ben"]}), "error: ada would hand this to itself."),
    (
        team("sequential", agents={"ada": agent(checks=[{"verifier": "ada"}]), "ben": agent(), "cam": agent()}),
        "error: ada would verify what it wrote itself.",
    ),
    (
        team("sequential", agents={"ada": agent(on_failure={"substitute": "ada"}), "ben": agent(), "cam": agent()}),
        "error: ada would replace itself.",
    ),
]


@pytest.mark.parametrize(("definition", "expected"), ERRORS, ids=[row[1][7:60] for row in ERRORS])
def test_errors(definition: dict[str, Any], expected: str) -> None:
    assert any(found.startswith(expected) for found in findings(definition)), findings(definition)


NO_UNTIL = {key: value for key, value in team("group_chat").items() if key != "until"}
NO_CAP = {key: value for key, value in team("handoff").items() if key != "limits"}
WARNINGS: list[tuple[dict[str, Any], str]] = [
    (NO_UNTIL, "warning: This conversation has no end: it only stops when its rounds are over. until:"),
    (
        team("group_chat", until="last.output.aproved"),
        "warning: No field of any member's output is called aproved. This",
    ),
    (
        NO_CAP,
        "warning: This can be handed round: ada → ben → ada. No limit says how often; 5 is the usual one. limits:",
    ),
    (team("handoff", handoffs={"ada": ["ben"]}), "warning: Nobody who begins with ada can hand this to cam."),
    (
        team("group_chat", limits={"turns": 12}),
        "warning: At worst this takes 18 turns, and the run is stopped at 12. limits: {turns: 18}",
    ),
    (team("manager", limits={}), "warning: At worst this takes 49 turns, and the run is stopped at 30."),
]


@pytest.mark.parametrize(("definition", "expected"), WARNINGS, ids=[row[1][9:60] for row in WARNINGS])
def test_warnings_keep_nobody_from_publishing(definition: dict[str, Any], expected: str) -> None:
    found = lint(dump(definition), **SURROUNDINGS)
    assert any(said(one).split(" ", 1)[1].startswith(expected) for one in found), [said(one) for one in found]
    assert not has_errors(found)


TAKES = {"type": "object", "properties": {"text": {"type": "integer"}}, "required": ["text", "sum"]}
CLOSED = {**OUTPUT, "additionalProperties": False}
EDGES: list[tuple[dict[str, Any], list[str]]] = [
    (
        team("sequential", agents={"ada": agent(), "ben": agent(input=TAKES), "cam": agent()}),
        [
            "error: ben takes text as integer; ada gives string. [the same type on both sides]",
            "warning: ben needs sum, which ada does not give. [sum in the output of ada, or not required by ben]",
        ],
    ),
    (
        team(
            "sequential",
            agents={"ada": agent(output=CLOSED), "ben": agent(input={"required": ["sum"]}), "cam": agent()},
        ),
        ["error: ben needs sum, which ada does not give. [sum in the output of ada, or not required by ben]"],
    ),
    (
        team(
            "group_chat", agents={"ada": agent(input={"required": ["said"]}), "ben": agent(input=TAKES), "cam": agent()}
        ),
        [
            "error: ben needs sum, which The conversation does not give. [sum in the output of The conversation, or",
            "error: ben needs text, which The conversation does not give. [text in the output of The conversation, or",
        ],
    ),
    (
        team(
            "concurrent", join="dee", agents={**team("concurrent")["agents"], "dee": agent(input={"required": ["eve"]})}
        ),
        ["error: dee needs eve, which The team does not give."],
    ),
    (
        team(
            "sequential",
            members=[
                {"team": {"pattern": "concurrent", "members": [{"agent": "ada"}, {"agent": "ben"}], "join": "cam"}},
                {"agent": "dee"},
            ],
            agents={**team("concurrent")["agents"], "dee": agent(input={"required": ["sum"]})},
        ),
        ["warning: dee needs sum, which cam does not give."],
    ),
    (team("sequential", agents={"ada": agent(), "ben": agent(input={"required": ["text"]}), "cam": agent()}), []),
]


@pytest.mark.parametrize(("definition", "expected"), EDGES)
def test_what_does_not_fit_along_an_edge(definition: dict[str, Any], expected: list[str]) -> None:
    found = sorted(findings(definition))
    assert len(found) == len(expected), found
    assert all(one.startswith(wanted) for one, wanted in zip(found, expected, strict=True)), found


MODEL = {"role": "x", "brain": {"model": {}}, "limits": {"tokens": 1000, "cost_cents": 5}}
FORECASTS: list[tuple[dict[str, Any], Forecast]] = [
    (team("sequential"), Forecast(3, 0, 0)),
    (team("group_chat", agents={"ada": MODEL, "ben": agent(), "cam": agent()}), Forecast(18, 6000, 30)),
    (team("group_chat", members=[{"agent": "ada"}], agents={"ada": MODEL}), Forecast(6, 6000, 30)),
    (team("handoff", members=[{"agent": "ada"}], agents={"ada": {**MODEL, "limits": {}}}), Forecast(6, None, None)),
    (team("manager"), Forecast(6 + 3 + 6 + 9 + 1, 0, 0)),
    (
        team("sequential", agents={"ada": agent(checks=[{"verifier": "cam"}]), "ben": agent(), "cam": agent()}),
        Forecast(5, 0, 0),
    ),
]


@pytest.mark.parametrize(("definition", "expected"), FORECASTS)
def test_the_worst_case(definition: dict[str, Any], expected: Forecast) -> None:
    assert worst_case(definition) == expected
