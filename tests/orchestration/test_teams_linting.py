"""Every mistake a team's text can have is told by line and path, with what was expected."""

from typing import Any

import pytest

from orchestration.teams.linting import has_errors, lint
from orchestration.teams.loading import load
from orchestration.teams.plan import plan
from tests.orchestration.claims_team import GOOD, SURROUNDINGS, broken, said


def test_the_good_team_is_good_and_can_be_planned() -> None:
    assert lint(GOOD, **SURROUNDINGS) == []
    assert len(plan(load(GOOD).data).members) == 3


def test_text_that_cannot_be_read_is_one_finding() -> None:
    findings = lint(GOOD.replace("pattern: sequential", "\tpattern: sequential"), **SURROUNDINGS)
    assert [said(finding) for finding in findings] == ["3 error: There is a tab. [spaces to indent]"]


def test_json_is_checked_as_well() -> None:
    findings = lint('{"schema": 1,\n"nmae": "x"}', **SURROUNDINGS, media="json")
    assert (findings[0].line, findings[0].path, findings[-1].mend) == (1, "agents", "Did you mean name?")


SHAPE = [
    ("pattern: sequential", "pattern: sequental", 3, "pattern", "pattern is", "Did you mean sequential?"),
    (
        "    role: Reads the policy",
        "    roel: Reads the policy",
        14,
        "agents.coverage.roel",
        "agents.coverage.roel is not",
        "Did you mean role?",
    ),
    ("    role: Reads the policy\n", "", 13, "agents.coverage.role", "agents.coverage.role is missing", None),
    ("tokens: 20000,", "tokens: many,", 20, "agents.fraud.limits.tokens", 'agents.fraud.limits.tokens is "many"', None),
    ("  - agent: adjudicator", "  - adjudicator", 7, "members[2]", 'members[2] is "adjudicator"', None),
    ("on_failure: retry", "on_failure: again", 24, "agents.assessor.on_failure", "agents.assessor.on_failure is", None),
    ("relation: approver", "relation: boss", 34, "exceptions[0].ask.relation", "exceptions[0].ask.relation is", None),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "message", "mend"), SHAPE)
def test_mistakes_of_shape(old: str, new: str, line: int, path: str, message: str, mend: str | None) -> None:
    found = next(finding for finding in broken(old, new) if finding.path == path)
    assert (found.line, found.message[: len(message)], found.mend, found.severity) == (line, message, mend, "error")
    assert found.expected


ERRORS = [
    (
        "  - agent: adjudicator",
        "  - agent: adjudicate",
        "7 error: No agent is called adjudicate. Did you mean adjudicator?",
    ),
    ("join: assessor", "join: assesor", "6 error: No agent is called assesor. Did you mean assessor?"),
    ("join: assessor", "join: fraud", "6 error: fraud would join its own result."),
    ("{agent: fraud}]", "{agent: coverage}]", "6 error: coverage is in this team twice."),
    ("team: {pattern: concurrent", "team: {pattern: sequential", "6 error: A sequential team has nothing to join."),
    ("documents.read", "documents.raed", "12 error: No tool is called documents.raed. Did you mean documents.read?"),
    ("documents.read", "documents.read:claims", "12 error: documents.read cannot be narrowed."),
    ("documents.read", "read everything", "12 error: read everything is no tool."),
    ("[documents.read,", "[documents.read, documents.read,", "12 error: documents.read is granted twice."),
    (
        "(policy_number, auto_make)",
        '(age)", "sources.query:policies(auto_make)',
        "16 error: sources.query:policies is granted",
    ),
    ("sources.query:claims", "sources.query:claim", "12 error: No source is called claim. Did you mean claims?"),
    ("auto_make)", "automake)", "16 error: No column of policies is called automake. Did you mean auto_make?"),
    ("claims.intake", "claims.intak", "11 error: No procedure is called claims.intak. Did you mean claims.intake?"),
    ("endpoint: local", "endpoint: cloud", "19 error: No endpoint is called cloud. [one of local]"),
    (
        'rule: "output.payout_cents >= 0"',
        'rule: "output.payout_cents >="',
        "29 error: This rule cannot be worked out: column",
    ),
    (
        "agent == 'adjudicator'",
        "agnet == 'adjudicator'",
        "33 error: This rule cannot be worked out: nothing is called agnet",
    ),
    (
        "agent == 'adjudicator'",
        "agent == 'ajudicator'",
        "33 error: No agent is called ajudicator. Did you mean adjudicator?",
    ),
    (
        "within: 2d",
        "within: 2w",
        "34 error: 2w is no time to decide in. [working days or hours, such as 2d or 4h, at most",
    ),
    ("turns: 30", "turns: 5", "30 error: The team takes 6 turns, the teams within it included, and may take 5. [6 or"),
    ("{type: integer}", "{type: number}", "28 error: payout_cents is money, which is an integer number of cents."),
    ("{type: integer}", "{type: intger}", "28 error: This output schema: properties.payout_cents.type is"),
    ("{type: integer}", "{$ref: 'http://x/y'}", "28 error: This output schema: properties.payout_cents.$ref points to"),
]


@pytest.mark.parametrize(("old", "new", "expected"), ERRORS, ids=[row[2][:60] for row in ERRORS])
def test_errors(old: str, new: str, expected: str) -> None:
    findings = broken(old, new)
    assert any(said(finding).startswith(expected) for finding in findings), [said(finding) for finding in findings]
    assert has_errors(findings)


NOT_YET = [
    ("{procedure: claims.assessor}", "{remote: autovalue}", "23 error: A remote brain is not available yet."),
]


@pytest.mark.parametrize(("old", "new", "expected"), NOT_YET, ids=[row[2][:60] for row in NOT_YET])
def test_what_is_not_available_yet(old: str, new: str, expected: str) -> None:
    findings = broken(old, new)
    assert any(said(finding).startswith(expected) for finding in findings), [said(finding) for finding in findings]
    assert has_errors(findings) == ("error" in expected)


ADVICE = [
    ("  - agent: intake\n", "", "8 warning: intake has no place in the team."),
    ("sources.query:claims", "sources.query", "11 warning: This opens every source of the room."),
    (
        "limits: {tokens: 20000, cost_cents: 50}",
        "limits: {}",
        "17 warning: fraud has no token limit of its own; the team",
    ),
    ("tokens: 20000,", "tokens: 300000,", "20 warning: fraud may use more tokens than its whole team (200,000)."),
    ("output.payout_cents > 7", "output.payout > 7", "33 warning: No field of this output is called payout."),
    ("[{agent: coverage}, {agent: fraud}], join: assessor}", "[{agent: coverage}]}", "6 warning: This team within"),
]


@pytest.mark.parametrize(("old", "new", "expected"), ADVICE, ids=[row[2][:60] for row in ADVICE])
def test_advice_keeps_nobody_from_publishing(old: str, new: str, expected: str) -> None:
    findings = broken(old, new)
    assert any(said(finding).startswith(expected) or expected[2:] in said(finding) for finding in findings), [
        said(finding) for finding in findings
    ]
    assert not has_errors(findings)


def test_findings_come_in_the_order_of_the_text() -> None:
    findings = lint(GOOD.replace("claims.", "claim.").replace("documents.read", "read.documents"), **SURROUNDINGS)
    assert [finding.line for finding in findings] == [11, 12, 15, 23, 27]


def team_of(*members: Any, **more: Any) -> dict[str, Any]:
    agents = {"ada": {"role": "Helps", "brain": {"procedure": "claims.intake"}, "output": {}}}
    return {"schema": 1, "name": "x", "pattern": "sequential", "members": list(members), "agents": agents, **more}


CIRCLES = [
    ("auto-claims", {}, "The teams turn in a circle: auto-claims → auto-claims."),
    ("b", {"b": team_of({"team": "auto-claims"})}, "The teams turn in a circle: auto-claims → b → auto-claims."),
    (
        "b",
        {"b": team_of({"team": {"pattern": "sequential", "members": [{"team": "c"}]}}), "c": team_of({"team": "b"})},
        "The teams turn in a circle: auto-claims → b → c → b.",
    ),
    ("b", {}, "No team is called b."),
    (
        "b",
        {name: team_of({"team": after}) for name, after in zip("bcd", "cde", strict=True)}
        | {"e": team_of({"agent": "ada"})},
        "This makes 5 levels of teams.",
    ),
]


@pytest.mark.parametrize(("slug", "teams", "message"), CIRCLES)
def test_circles_and_depth(slug: str, teams: dict[str, Any], message: str) -> None:
    found = broken("  - agent: adjudicator", f"  - agent: adjudicator\n  - team: {slug}", teams=teams)
    assert [(finding.line, finding.path, finding.message) for finding in found if finding.severity == "error"] == [
        (8, "members[3].team", message)
    ]


def test_a_team_of_the_room_may_be_a_member() -> None:
    teams = {"b": team_of({"agent": "ada"}, {"team": "c"}), "c": team_of({"agent": "ada"})}
    assert broken("  - agent: adjudicator", "  - agent: adjudicator\n  - team: b", teams=teams) == []


def test_agents_that_differ_in_nothing_could_be_one() -> None:
    text = "schema: 1\nname: x\npattern: sequential\nmembers: [{agent: a}, {agent: b}]\nagents:\n" + "".join(
        f"  {name}: {{role: x, brain: {{model: {{}}}}, limits: {{tokens: 9}}}}\n" for name in "ab"
    )
    messages = [finding.message for finding in lint(text, **SURROUNDINGS)]
    assert messages == [
        "These agents differ in nothing but their instructions.",
        "Nothing that this team gives is verified.",
    ]
