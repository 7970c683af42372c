"""What-if: decisions explained before anything runs, over the API and on the room's page."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.models import Run
from orchestration.pages.foresight import matrix
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import furnish, paper
from workrooms.models import Document

FACTORS = ["person", "agent", "task", "data", "room"]


@pytest.fixture
def office(cast: Cast, tmp_path: Path) -> Cast:
    """The claims team in force, one document in the room."""
    furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        paper(cast, 0)
    return cast


def asked(cast: Cast, who: Any, **more: str) -> Any:
    body = {"room": cast.room.slug, "agent": "intake", "action": "documents.read", "resource": "nothing", **more}
    return signed_in(who).post("/api/v1/authority/explain", body, content_type="application/json")


def test_a_decision_is_explained_with_its_five_factors_and_changes_nothing(office: Cast) -> None:
    answer = asked(office, office.bob, agent="coverage", action="sources.query", resource="policies").json()
    assert (answer["outcome"], list(answer["factors"])) == ("permit", FACTORS)
    with unit_of_work(office.harbor):
        assert not Event.objects.filter(kind__in=["authority.denied", "authority.asked", "source.queried"]).exists()
        assert not Run.objects.exists()


def test_what_the_agent_was_not_granted_is_said(office: Cast) -> None:
    assert asked(office, office.bob, action="webhook.send").status_code == 422
    answer = asked(office, office.bob, agent="fraud", action="documents.write", resource="x.md").json()
    assert (answer["outcome"], answer["reason"]) == ("deny", "The agent was not granted documents.write.")


def test_only_managers_ask_about_others(office: Cast) -> None:
    vera = str(office.vera.id)
    assert asked(office, office.bob, person=vera).status_code == 403
    answer = asked(office, office.alice, person=vera, agent="settlement", action="documents.write", resource="x.md")
    assert answer.json()["factors"]["person"]["outcome"] == "deny"
    assert asked(office, office.alice, person=str(office.charlie.id)).status_code == 404


def test_an_unknown_tool_or_agent_is_named(office: Cast) -> None:
    wrong = asked(office, office.bob, action="money.print")
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "action")
    assert asked(office, office.bob, agent="nobody").status_code == 404


def test_the_matrix_says_what_each_agent_could_do(office: Cast) -> None:
    with unit_of_work(office.harbor):
        cells = {(cell.agent, cell.tool, cell.resource): cell for cell in matrix(office.room, office.vera)}
        assert cells["coverage", "sources.query", "policies"].decision.outcome == "permit"
        written = cells["settlement", "documents.write", "any text"]
    assert (written.decision.outcome, written.path) == ("deny", "Vera is viewer of Auto claims")


def test_rule_sets_are_switched_on_the_page_and_count_at_once(office: Cast) -> None:
    alice, path = signed_in(office.alice), f"{office.path}authority/"
    assert b"Put in force here" in alice.get(path).content
    assert alice.post(f"{path}rules/", {"slug": "classification", "on": "1"}).status_code == 302
    shown = alice.get(path).content.decode()
    assert "in force here" in shown
    assert "classification: restricted data stays" in shown
    assert label(office, {"object": "workroom", "label": {"level": "confidential"}}).status_code == 204
    with unit_of_work(office.harbor):
        name = Document.objects.get().name
    answer = asked(office, office.bob, resource=name).json()
    assert (answer["outcome"], answer["factors"]["room"]["rules"]) == ("deny", ["classification/need-to-know"])
    assert alice.post(f"{path}rules/", {"slug": "classification", "on": ""}).status_code == 302
    assert asked(office, office.bob, resource=name).json()["outcome"] == "permit"


def test_a_label_that_cannot_be_used_is_refused_with_its_field(office: Cast) -> None:
    wrong = label(office, {"object": "workroom", "label": {"level": "secret"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "level")
    assert label(office, {"object": "source:nothing", "label": {}}).status_code == 404


def label(cast: Cast, body: dict[str, Any]) -> Any:
    path = f"/api/v1/workrooms/{cast.room.slug}/labels"
    return signed_in(cast.alice).put(path, body, content_type="application/json")
