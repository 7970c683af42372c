"""One click takes an endpoint, a source, a target or a whole run out of use; another one brings it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.errors import Conflict
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.pausing import resume_run
from orchestration.agent_loop import take_turn
from orchestration.engine import advance, conclude, work
from orchestration.limits.budgets import reserve
from orchestration.models import Budget, Run, Turn
from orchestration.outcomes import Answered, Withdrawn
from orchestration.turns import Claim
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper

ANSWER = {"summary": "Three.", "count": 3}


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(lambda _: Reply(calls=(("final_answer", ANSWER),))) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def post(cast: Cast, path: str, **data: Any) -> int:
    return signed_in(cast.alice).post(f"/api/v1{path}", data, content_type="application/json").status_code


def test_a_run_in_quarantine_is_in_nobodys_hands(cast: Cast, model: ScriptedOpenAI) -> None:
    run = begin_helper(cast, model)
    claim = advance(cast.harbor.id, run.id)
    assert isinstance(claim, Claim)
    with unit_of_work(cast.harbor):
        reserve(Turn.objects.select_related("run__workroom").get(), 5, 0)
    assert post(cast, f"/runs/{run.id}/quarantine", reason="It does odd things.") == 200
    assert isinstance(take_turn(claim), Withdrawn), "whoever works on it is refused its next act"
    assert conclude(claim, Answered(ANSWER)) is None and model.requests == []
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        row = Run.objects.get(pk=run.pk)
        assert (row.state, Turn.objects.get().state, Budget.objects.get().tokens_reserved) == ("paused", "ready", 0)
        with pytest.raises(Conflict, match="in quarantine"):
            resume_run(row, actor=cast.bob)
    assert "in quarantine" in signed_in(cast.alice).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert post(cast, f"/runs/{run.id}/quarantine", reason="Again.") == 409
    assert post(cast, f"/runs/{run.id}/release") == 200
    assert post(cast, f"/runs/{run.id}/release") == 409
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.pk).state == "finished"
        kinds = set(Event.objects.filter(ledger=cast.room.id).values_list("kind", flat=True))
    assert {"run.quarantined", "run.released"} <= kinds


def test_an_endpoint_by_a_click_and_back(cast: Cast, model: ScriptedOpenAI) -> None:
    begin_helper(cast, model)
    alice, path = signed_in(cast.alice), "/o/harbor/settings/means/quarantine/"
    alice.post(path, {"kind": "endpoint", "name": "scripted", "on": "1"})
    text = alice.get("/o/harbor/settings/means/").content.decode()
    assert "in quarantine" in text and "Use scripted again" in text
    assert alice.post(path, {"kind": "endpoint", "name": "scripted", "on": "1"}).status_code == 409
    assert alice.post(path, {"kind": "endpoint", "name": "nobody", "on": "1"}).status_code == 404
    alice.post(path, {"kind": "endpoint", "name": "scripted", "on": ""})
    assert "Quarantine scripted" in alice.get("/o/harbor/settings/means/").content.decode()
    assert post(cast, "/endpoints/scripted/release") == 409
    with unit_of_work(cast.harbor):
        kinds = Event.objects.filter(ledger=cast.harbor.id, kind__startswith="endpoint.").order_by("seq")
        assert list(kinds.values_list("kind", flat=True))[-2:] == ["endpoint.quarantined", "endpoint.released"]


def test_rates_over_the_api_and_by_the_form(cast: Cast) -> None:
    alice, given = signed_in(cast.alice), {"url": "https://9.9.9.9/v1", "model": "m", "rate": 2.5, "burst": 4}
    answer = alice.put("/api/v1/endpoints/one", given, content_type="application/json")
    assert (answer.json()["rate"], answer.json()["burst"]) == (2.5, 4)
    for wrong in ({"rate": 0}, {"rate": -1}, {"burst": 0}):
        refused = alice.put("/api/v1/endpoints/one", {**given, **wrong}, content_type="application/json")
        assert refused.status_code == 422 and refused.json()["errors"]
    form = {"slug": "one", "url": "https://9.9.9.9/v1", "model": "m", "rate": "often"}
    refused = alice.post("/o/harbor/settings/means/endpoints/", form)
    assert refused.status_code == 422 and "expected calls a second" in refused.content.decode()
    alice.post("/o/harbor/settings/means/endpoints/", {**form, "rate": "20", "burst": "3"})
    assert "20/s, 3 at once" in alice.get("/o/harbor/settings/means/").content.decode()
