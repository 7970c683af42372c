"""Every team that comes with the product is one its own linter has nothing to say about."""

import pytest

from config.demo.claims_columns import CLAIM_COLUMNS, PERSONAL_COLUMNS, POLICY_COLUMNS
from orchestration.procedures import PROCEDURES
from orchestration.teams.dumping import dump
from orchestration.teams.gallery import gallery
from orchestration.teams.linting import lint
from orchestration.teams.loading import load
from orchestration.teams.plan import TeamPlan, plan
from orchestration.tools.catalogue import TOOLS

SOURCES = {"claims": CLAIM_COLUMNS, "policies": POLICY_COLUMNS}


@pytest.fixture
def claims_team() -> TeamPlan:
    return plan(load(gallery()["auto-claims"]).data)


@pytest.mark.parametrize("slug", gallery())
def test_the_linter_has_nothing_to_say(slug: str) -> None:
    surroundings = {"tools": TOOLS, "procedures": PROCEDURES, "endpoints": [], "sources": SOURCES, "teams": {}}
    assert lint(gallery()[slug], **surroundings, slug=slug) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("slug", gallery())
def test_import_export_import_gives_the_same_team(slug: str) -> None:
    data = load(gallery()[slug]).data
    exported = dump(data)
    assert load(exported).data == data
    assert plan(load(exported).data) == plan(data)


def test_nobody_is_granted_what_is_personal(claims_team: TeamPlan) -> None:
    """A grant of a whole source leaves its personal columns out, so only named columns can open them."""
    granted = {
        column for agent in claims_team.agents.values() for grant in agent.grants for column in grant.columns or ()
    }
    assert granted and not granted & set(PERSONAL_COLUMNS)


def test_only_settlement_writes_and_pays(claims_team: TeamPlan) -> None:
    writing = {"documents.write", "webhook.send"}
    assert {name for name, agent in claims_team.agents.items() if writing & {grant.tool for grant in agent.grants}} == {
        "settlement"
    }


def test_every_exception_says_why_and_lets_nobody_approve_their_own(claims_team: TeamPlan) -> None:
    assert [rule.name for rule in claims_team.exceptions] == [
        "high-payout", "fraud-review", "part-denial", "not-covered", "undetermined"
    ]  # fmt: skip
    assert all(
        rule.ask.because and rule.ask.not_requester and rule.ask.relation == "approver"
        for rule in claims_team.exceptions
    )
