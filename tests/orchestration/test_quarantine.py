"""Quarantine of agents: by a click, by rule, and back."""

from pathlib import Path

import pytest

from accounts.errors import Conflict
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.limits.quarantine import MOST_DENIALS, quarantined, release_agent
from orchestration.models import Agent, Run, ToolCall
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import ScriptedOpenAI
from tests.orchestration.claims_room import begin, furnish, paper
from tests.orchestration.test_compromised_agent import obey, scripted
from workrooms.models import Workroom

__all__ = ["scripted"]


def test_a_quarantined_agent_takes_no_turn_until_it_is_released(cast: Cast, tmp_path: Path) -> None:
    team = furnish(cast, tmp_path)
    alice, path = signed_in(cast.alice), f"/api/v1/workrooms/{cast.room.slug}/agents/intake"
    assert alice.post(f"{path}/quarantine", {"reason": "Odd."}, content_type="application/json").status_code == 200
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, 0))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert not ToolCall.objects.exists()
        assert Run.objects.get().state == "waiting"
        assert quarantined(Workroom.objects.get(pk=cast.room.pk)) == ["intake"]
    again = alice.post(f"{path}/quarantine", {"reason": "Odd."}, content_type="application/json")
    assert again.status_code == 409
    assert alice.post(f"{path}/release").status_code == 200
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, 1))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert ToolCall.objects.filter(turn__run=run, tool="documents.read", state="succeeded").exists()
        with pytest.raises(Conflict, match="not in quarantine"):
            release_agent(Workroom.objects.get(pk=cast.room.pk), "intake", actor=cast.alice)


def test_an_agent_that_is_refused_again_and_again_is_quarantined_by_rule(cast: Cast, scripted: ScriptedOpenAI) -> None:
    orders = [("documents_read", {"document": f"secret-{number}.md"}) for number in range(MOST_DENIALS + 2)]
    obey(cast, scripted, *orders)  # type: ignore[arg-type]
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        event = Event.objects.get(kind="agent.quarantined")
        assert quarantined(room) == ["puppet"]
        assert Agent.objects.get().user.is_active
    assert (event.actor, event.payload["reason"]) == ("system", "The authority refused 10 acts of it in one turn.")


def test_the_page_quarantines_with_one_click(cast: Cast, tmp_path: Path) -> None:
    furnish(cast, tmp_path)
    alice, path = signed_in(cast.alice), f"{cast.path}authority/"
    assert b"Quarantine fraud" in alice.get(path).content
    assert alice.post(f"{path}agents/", {"agent": "fraud", "on": "1"}).status_code == 302
    assert b"Let fraud work again" in alice.get(path).content
    assert alice.post(f"{path}agents/", {"agent": "fraud", "on": ""}).status_code == 302
    assert b"Quarantine fraud" in alice.get(path).content
