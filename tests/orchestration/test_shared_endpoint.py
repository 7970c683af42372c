"""An endpoint that everybody shares: over its rate is later, asked to wait is later for all, failing is left alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.limits import buckets
from orchestration.limits.breakers import FAILURES, let_out, put_in_quarantine
from orchestration.models import Breaker, Budget, Endpoint, Run, Turn
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper

ANSWER = Reply(calls=(("final_answer", {"summary": "Three.", "count": 3}),))


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(lambda _: ANSWER) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def carried(cast: Cast, run: Run) -> Run:
    """The run after one segment."""
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        found: Run = Run.objects.get(pk=run.pk)
        return found


def lease_over(cast: Cast) -> None:
    """The time has come of every turn that was put off."""
    with unit_of_work(cast.harbor):
        Turn.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def kinds(cast: Cast) -> list[str]:
    with unit_of_work(cast.harbor):
        return list(Event.objects.order_by("at").values_list("kind", flat=True))


def rated(cast: Cast, **changes: Any) -> None:
    with unit_of_work(cast.harbor):
        Endpoint.objects.update(**changes)


def test_over_the_rate_a_turn_goes_on_later_with_nothing_reserved(cast: Cast, model: ScriptedOpenAI) -> None:
    first, second = begin_helper(cast, model), begin_helper(cast, model)
    rated(cast, rate=0.01)
    assert carried(cast, first).state == "finished"
    assert carried(cast, second).state == "running"
    with unit_of_work(cast.harbor):
        turn, budget = Turn.objects.get(run=second), Budget.objects.get(run=second)
        assert (turn.state, "as often as its rate allows" in turn.error) == ("claimed", True)
        assert turn.lease_until and turn.lease_until <= timezone.now() + timedelta(seconds=30)
        assert (budget.tokens_reserved, budget.microcents_reserved, turn.tokens_reserved) == (0, 0, 0)
    assert "turn.postponed" in kinds(cast)
    assert carried(cast, second).state == "running", "before its time nobody takes it"
    rated(cast, rate=None)
    lease_over(cast)
    assert carried(cast, second).state == "finished"
    assert len(model.requests) == 2


def test_an_endpoint_that_asks_for_a_pause_gets_it_from_everybody(cast: Cast, model: ScriptedOpenAI) -> None:
    first, second = begin_helper(cast, model), begin_helper(cast, model)
    model.say([Reply(status=429, error="slow down"), ANSWER])
    assert carried(cast, first).state == "running"
    with unit_of_work(cast.harbor):
        row = Endpoint.objects.get()
    shared = buckets.Bucket(f"{cast.harbor.id}:endpoint:scripted", row.slug)
    buckets.put_to_sleep(shared, 60)
    assert carried(cast, second).state == "running"
    assert len(model.requests) == 1, "the second did not even ask"
    with unit_of_work(cast.harbor):
        assert not Breaker.objects.exists(), "asking for a pause is no failure"
        assert Budget.objects.get(run=first).tokens == 0


def failing(cast: Cast, model: ScriptedOpenAI, on_failure: str = "stop") -> None:
    model.say(lambda _: Reply(status=500, error="on fire"))
    for _ in range(FAILURES):
        carried(cast, begin_helper(cast, model, on_failure))


def test_after_failures_in_a_row_the_endpoint_is_left_alone_and_then_tried_once(
    cast: Cast, model: ScriptedOpenAI
) -> None:
    failing(cast, model)
    assert "endpoint.opened" in kinds(cast)
    waiting, other = begin_helper(cast, model), begin_helper(cast, model)
    assert carried(cast, waiting).state == "running"
    assert len(model.requests) == FAILURES, "nobody asks while it rests"
    with unit_of_work(cast.harbor):
        assert "rests until" in Turn.objects.get(run=waiting).error
        Breaker.objects.update(retry_at=timezone.now())
    model.say(lambda _: ANSWER)
    lease_over(cast)
    assert carried(cast, waiting).state == "finished"
    assert carried(cast, other).state == "finished"
    assert "endpoint.closed" in kinds(cast)
    with unit_of_work(cast.harbor):
        assert (Breaker.objects.get().state, Breaker.objects.get().failures) == ("closed", 0)


def test_a_probe_that_fails_opens_it_for_longer_and_only_one_probes(cast: Cast, model: ScriptedOpenAI) -> None:
    failing(cast, model)
    with unit_of_work(cast.harbor):
        Breaker.objects.update(retry_at=timezone.now())
    assert carried(cast, begin_helper(cast, model)).state == "failed"
    assert carried(cast, begin_helper(cast, model)).state == "running"
    assert len(model.requests) == FAILURES + 1
    with unit_of_work(cast.harbor):
        rest = Breaker.objects.get().retry_at - timezone.now()
        assert timedelta(seconds=50) < rest <= timedelta(seconds=60)


def test_one_answer_between_failures_begins_the_count_anew(cast: Cast, model: ScriptedOpenAI) -> None:
    model.say([*[Reply(status=500)] * (FAILURES - 1), ANSWER, *[Reply(status=500)] * (FAILURES - 1)])
    for _ in range(2 * FAILURES - 1):
        carried(cast, begin_helper(cast, model))
    assert "endpoint.opened" not in kinds(cast)


def test_an_endpoint_in_quarantine_is_a_failure_that_the_team_deals_with(cast: Cast, model: ScriptedOpenAI) -> None:
    run = begin_helper(cast, model, "ask")
    with unit_of_work(cast.harbor):
        put_in_quarantine("endpoint:scripted", actor=cast.alice, reason="It leaks.")
    assert carried(cast, run).state == "waiting"
    assert model.requests == []
    with unit_of_work(cast.harbor):
        assert "in quarantine. It leaks." in Turn.objects.get().error
        assert let_out("endpoint:scripted", actor=cast.alice)
    assert carried(cast, begin_helper(cast, model)).state == "finished"
