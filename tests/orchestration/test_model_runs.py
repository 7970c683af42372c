"""Runs on a language model, over real HTTP with scripted words: every ending is told with its reason."""

import threading
import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import stop_run
from orchestration.engine import work
from orchestration.models import Budget, Endpoint, ModelResponse, Run, ToolCall, Turn
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper

ANSWER = Reply(calls=(("final_answer", {"summary": "There are **three**.", "count": 3}),))


@pytest.fixture
def scripted(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def carried(cast: Cast, server: ScriptedOpenAI, replies: list[Reply], **options: object) -> Run:
    server.say(replies)
    run = begin_helper(cast, server, **options)  # type: ignore[arg-type]
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        fresh: Run = Run.objects.get(pk=run.pk)
        return fresh


def test_an_answer_is_kept_with_its_cost(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [ANSWER])
    assert (run.state, run.result) == ("finished", {"summary": "There are **three**.", "count": 3})
    with unit_of_work(cast.harbor):
        budget, turn = Budget.objects.get(run=run), Turn.objects.get()
        event = Event.objects.get(kind="model.called")
    assert (budget.tokens, budget.microcents) == (120, 100 * 100 + 20 * 200)
    assert (budget.tokens_reserved, budget.microcents_reserved) == (0, 0)
    assert (turn.tokens, turn.microcents) == (120, 14_000)
    assert event.payload["model"] == "scripted-1"
    assert "sk-secret" not in str(event.payload)


def test_two_tool_calls_in_one_response_are_each_journalled(cast: Cast, scripted: ScriptedOpenAI) -> None:
    calls = Reply(calls=(("documents_search", {"query": "claims"}), ("documents_write", {"name": "n.md", "text": "x"})))
    run = carried(cast, scripted, [calls, ANSWER])
    assert run.state == "finished"
    with unit_of_work(cast.harbor):
        made = list(ToolCall.objects.values_list("response", "position", "tool", "state"))
    assert made == [(1, 1, "documents.search", "succeeded"), (1, 2, "documents.write", "succeeded")]


def test_a_tool_that_was_not_granted_is_refused_and_logged(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [Reply(calls=(("sources_query", {"source": "claims"}),)), ANSWER])
    assert run.state == "finished"
    assert "There is no tool" in str(scripted.requests[1].body["messages"][-1])


def test_malformed_arguments_are_shown_to_the_model(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [Reply(calls=(("documents_search", "{broken"),)), ANSWER])
    assert run.state == "finished"
    with unit_of_work(cast.harbor):
        assert not ToolCall.objects.exists()
    assert "not valid JSON" in str(scripted.requests[1].body["messages"][-1])


def test_a_broken_answer_is_repaired_once(cast: Cast, scripted: ScriptedOpenAI) -> None:
    wrong = Reply(calls=(("final_answer", {"summary": "None.", "count": 0}),))
    run = carried(cast, scripted, [wrong, ANSWER])
    assert run.state == "finished"
    again = carried(cast, scripted, [wrong, wrong])
    assert again.state == "failed"
    assert "breaks its contract, also after one repair" in again.reason


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=500, error="overloaded"), "failed with status 500"),
        (Reply(text="half an answer", hang="drop"), "broke the connection"),
    ],
)
def test_a_failing_endpoint_ends_the_run_with_its_reason(
    cast: Cast, scripted: ScriptedOpenAI, reply: Reply, reason: str
) -> None:
    run = carried(cast, scripted, [reply])
    assert run.state == "failed"
    assert reason in run.reason
    assert len(scripted.requests) == 1


def test_retry_asks_again_within_its_bound(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [Reply(status=500), ANSWER], on_failure="retry")
    assert run.state == "finished"
    run = carried(cast, scripted, [Reply(status=500)] * 9, on_failure="retry")
    assert (run.state, len(scripted.requests)) == ("failed", 5)


def test_a_call_that_could_pass_the_cap_is_not_made(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [ANSWER], cost_cents=1, price="5000/10000")
    assert (run.state, scripted.requests) == ("stopped", [])
    assert run.reason.startswith("limit: The limit of $0.01")


def test_an_unknown_price_is_not_zero(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = carried(cast, scripted, [ANSWER], price="")
    with unit_of_work(cast.harbor):
        assert Budget.objects.get(run=run).unpriced_tokens == 120


def test_a_journalled_response_is_replayed(cast: Cast, scripted: ScriptedOpenAI) -> None:
    search = Reply(calls=(("documents_search", {"query": "claims"}),))
    scripted.say([search, ANSWER])
    run = begin_helper(cast, scripted)
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        ModelResponse.objects.filter(number=2).delete()
        Turn.objects.update(state="ready", finished_at=None, output=None)
        Run.objects.update(state="running", finished_at=None)
    scripted.say([ANSWER])
    work(cast.harbor.id, run.id)
    assert len(scripted.requests) == 3
    with unit_of_work(cast.harbor):
        assert (Run.objects.get().state, ToolCall.objects.count(), Turn.objects.get().attempt) == ("finished", 1, 2)


def test_stop_closes_the_stream(cast: Cast, scripted: ScriptedOpenAI) -> None:
    scripted.say([Reply(text="word " * 400, delay=0.1)])
    run = begin_helper(cast, scripted)
    worker = threading.Thread(target=work, args=(cast.harbor.id, run.id))
    worker.start()
    scripted.wait_for_requests(1)
    time.sleep(0.5)
    with unit_of_work(cast.harbor):
        stop_run(Run.objects.get(pk=run.pk), actor=cast.bob)
    worker.join(10)
    assert not worker.is_alive()
    assert scripted.requests[0].disconnected.wait(5)
    with unit_of_work(cast.harbor):
        stopped, budget = Run.objects.get(pk=run.pk), Budget.objects.get()
    assert (stopped.state, stopped.reason) == ("stopped", "Stopped by Bob")
    assert budget.tokens > 0
    assert budget.tokens_reserved == 0


def test_without_an_endpoint_it_says_what_is_missing(cast: Cast, scripted: ScriptedOpenAI) -> None:
    run = begin_helper(cast, scripted)
    with unit_of_work(cast.harbor):
        Endpoint.objects.all().delete()
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert "WORKROOM_MODEL_URL" in Run.objects.get().reason
