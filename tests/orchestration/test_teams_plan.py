"""The plan of a team, its grants and its deadlines."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestration.patterns.base import Member
from orchestration.teams.deadlines import Within, parse_within
from orchestration.teams.grants import Grant, NotAGrant, parse_grant
from orchestration.teams.plan import AgentLimits, Asking, Brain, Limits, plan

MONEY = {"type": "object", "properties": {"payout_cents": {"type": "integer"}}}
TEAM: dict[str, Any] = {
    "schema": 1,
    "name": "Auto claims",
    "pattern": "sequential",
    "members": [
        {"agent": "intake"},
        {
            "team": {
                "pattern": "concurrent",
                "members": [{"agent": "coverage"}, {"team": "screening"}],
                "join": "intake",
            }
        },
        {"team": {"name": "second look", "pattern": "sequential", "members": [{"agent": "coverage"}]}},
    ],
    "agents": {
        "intake": {"role": "Structures the claim", "brain": {"procedure": "claims.intake"}},
        "coverage": {
            "role": "Reads the policy",
            "brain": {"model": {"needs": ["tools"], "endpoint": "local"}},
            "instructions": "Read.\n",
            "tools": ["documents.read", "sources.query:policies(policy_number, auto_make)"],
            "input": {"type": "object"},
            "output": MONEY,
            "checks": [{"rule": "output.payout_cents >= 0"}],
            "on_failure": "skip",
            "limits": {"tokens": 20000},
        },
    },
    "limits": {"turns": 9},
    "exceptions": [
        {"name": "high", "when": "true", "ask": {"relation": "owner", "within": "4h", "not_requester": True}},
        {"name": "odd", "when": "false"},
    ],
}


def test_every_place_has_its_key_from_the_top() -> None:
    team = plan(TEAM)
    intake, both, second = team.members
    assert (intake.key, intake.kind, intake.member) == ("0", "agent", Member("0", "intake"))
    assert (both.kind, both.name) == ("inline", "team-2")
    assert both.team is not None and both.team.join is not None
    assert [(place.key, place.name, place.kind) for place in both.team.members] == [
        ("1.0", "coverage", "agent"),
        ("1.1", "screening", "team"),
    ]
    assert (both.team.join.key, both.team.join.name) == ("1.join", "intake")
    assert (second.name, second.team.name if second.team else "") == ("second look", "second look")
    assert (team.pattern, both.team.pattern) == ("sequential", "concurrent")


def test_a_team_of_the_room_is_planned_under_the_key_it_runs_beneath() -> None:
    team = plan(TEAM, under="1.1")
    assert [place.key for place in team.members] == ["1.1.0", "1.1.1", "1.1.2"]
    assert team.members[1].team is not None and team.members[1].team.members[0].key == "1.1.1.0"


def test_an_inner_team_shares_agents_limits_and_exceptions() -> None:
    team = plan(TEAM)
    inner = team.members[1].team
    assert inner is not None
    assert (inner.agents, inner.limits, inner.exceptions) == (team.agents, team.limits, team.exceptions)


def test_an_agent_as_it_is_written() -> None:
    coverage = plan(TEAM).agents["coverage"]
    assert coverage.brain == Brain("model", endpoint="local", needs=("tools",))
    assert coverage.grants == (
        Grant("documents.read"),
        Grant("sources.query", "policies", ("policy_number", "auto_make")),
    )
    assert (coverage.output_schema, coverage.checks) == (MONEY, ("output.payout_cents >= 0",))
    assert (coverage.on_failure, coverage.limits) == ("skip", AgentLimits(tokens=20000))


def test_what_is_not_written_has_a_default() -> None:
    team = plan(TEAM)
    intake = team.agents["intake"]
    assert (intake.grants, intake.input_schema, intake.checks, intake.on_failure) == ((), {}, (), "ask")
    assert intake.brain == Brain("procedure", procedure="claims.intake")
    assert team.limits == Limits(turns=9, depth=3, seconds=900, tokens=200_000, cost_cents=500)


def test_exceptions_ask_an_approver_within_two_working_days_unless_they_say_otherwise() -> None:
    high, odd = plan(TEAM).exceptions
    assert high.ask == Asking(relation="owner", within=Within(4, "h"), not_requester=True)
    assert (odd.ask.relation, odd.ask.within, odd.ask.otherwise) == ("approver", Within(2, "d"), "escalate")


@pytest.mark.parametrize(
    ("text", "grant"),
    [
        ("documents.read", Grant("documents.read")),
        ("sources.query:claims", Grant("sources.query", "claims")),
        ("sources.query:policies(a, capital-gains)", Grant("sources.query", "policies", ("a", "capital-gains"))),
    ],
)
def test_grants(text: str, grant: Grant) -> None:
    assert parse_grant(text) == grant


@pytest.mark.parametrize(
    "text", ["", "documents", "sources.query:", "sources.query(a)", "sources.query:p()", "sources.query:p(a,)",
             "sources.query:p(a, a)", "sources.query:p(a", "sources.query:p(a) or b", "a.b:c d"]
)  # fmt: skip
def test_what_is_no_grant(text: str) -> None:
    with pytest.raises(NotAGrant, match="expected"):
        parse_grant(text)


THURSDAY = datetime(2024, 5, 2, 10, 16, tzinfo=UTC)
SATURDAY = datetime(2024, 5, 4, 10, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("4h", THURSDAY, datetime(2024, 5, 2, 14, 16, tzinfo=UTC)),
        ("48h", THURSDAY, SATURDAY),
        ("1d", THURSDAY, datetime(2024, 5, 3, 10, 16, tzinfo=UTC)),
        ("2d", THURSDAY, datetime(2024, 5, 6, 10, 16, tzinfo=UTC)),
        ("10d", THURSDAY, datetime(2024, 5, 16, 10, 16, tzinfo=UTC)),
        ("1d", SATURDAY, datetime(2024, 5, 6, 10, 16, tzinfo=UTC)),
    ],
)
def test_days_are_working_days_and_hours_are_hours(text: str, start: datetime, due: datetime) -> None:
    assert parse_within(text).after(start) == due


@pytest.mark.parametrize("text", ["", "2", "d", "0d", "-1d", "2w", "2 d", "1.5d", "1000d", "2d "])
def test_what_is_no_deadline(text: str) -> None:
    with pytest.raises(ValueError, match="expected working days or hours"):
        parse_within(text)
