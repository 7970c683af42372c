"""What a run spent on turns that are taken again stays spent, and does not stop it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.retrying import retry_turn
from orchestration.engine import work
from orchestration.intervening.order import find_turn
from orchestration.models import Allowance, Budget, Run, Turn
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.model_room import begin_helper
from tests.orchestration.rehearsals import carried, rehearse, says, team_of

WRONG = Reply(calls=(("final_answer", {"summary": "Three."}),))
RIGHT = Reply(calls=(("final_answer", {"summary": "Three.", "count": 3}),))


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    replies = [WRONG, WRONG]
    with ScriptedOpenAI(lambda _: replies.pop() if replies else RIGHT) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def taken_again(cast: Cast, run: Run, agent: str) -> Run:
    with unit_of_work(cast.harbor):
        turn = Turn.objects.exclude(state="superseded").get(agent=agent)
        retry_turn(Run.objects.get(pk=run.pk), find_turn(run, turn.pk), actor=cast.bob)
    return carried(cast, run)


def test_it_is_not_stopped_by_what_was_thrown_away(cast: Cast, model: ScriptedOpenAI) -> None:
    with unit_of_work(cast.harbor):
        before = begin_helper(cast, model)
    work(cast.harbor.id, before.id)
    with unit_of_work(cast.harbor):
        spent = Budget.objects.get()
        assert Run.objects.get().state == "failed" and len(model.requests) == 2 and spent.tokens > 0
        Budget.objects.update(turns_cap=1, tokens_cap=spent.tokens, microcents_cap=spent.microcents)
    run = taken_again(cast, before, "helper")
    assert (run.state, run.reason) == ("stopped", f"limit: The limit of {2 * spent.tokens:,} tokens would be passed by "
            "the next call.")  # fmt: skip
    with unit_of_work(cast.harbor):
        budget = Budget.objects.get()
        assert (budget.turns, budget.turns_cap) == (2, 2)
        assert (budget.tokens, budget.tokens_cap) == (spent.tokens, 2 * spent.tokens), "nothing is forgotten"
        assert budget.microcents_cap == 2 * spent.microcents
        Budget.objects.update(tokens_cap=100_000, microcents_cap=10**9)
    run = taken_again(cast, run, "helper")
    assert (run.state, run.result) == ("finished", {"summary": "Three.", "count": 3})
    with unit_of_work(cast.harbor):
        budget, month = Budget.objects.get(), Allowance.objects.get(workroom=cast.room)
        assert (budget.turns, budget.turns_cap) == (3, 3)
        assert month.tokens == budget.tokens == sum(turn.tokens for turn in Turn.objects.all()) > spent.tokens
        renewed = Event.objects.filter(kind="budget.renewed").order_by("seq")
        assert [one.payload["tokens"] for one in renewed] == [spent.tokens, 0]
        assert renewed[0].actor == cast.bob.ledger_name
    shown = signed_in(cast.vera).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert "2 of these turns are set aside" in shown


def test_its_time_counts_from_the_turn_that_is_taken_again(cast: Cast) -> None:
    broken = says({"n": 2}, output={"type": "object", "required": ["never"]})
    run = rehearse(cast, team_of("sequential", {"ada": says({"n": 1}), "ben": broken}, limits={"seconds": 60}))
    assert run.state == "failed"
    now = timezone.now()
    with unit_of_work(cast.harbor):
        Run.objects.update(started_at=now - timedelta(seconds=90), finished_at=now)
        Turn.objects.filter(agent="ben").update(started_at=now - timedelta(seconds=50))
    run = taken_again(cast, run, "ben")
    assert (run.state, 50 <= run.redone_seconds <= 52) == ("failed", True), run.reason
    assert run.reason.startswith("ben:"), "not the limit of 60 seconds"
    run = taken_again(cast, run, "ada")
    assert run.reason.startswith("ben:")
    with unit_of_work(cast.harbor):
        assert run.redone_seconds <= 92


def test_what_was_taken_over_cost_nothing_here(cast: Cast) -> None:
    definition = team_of("sequential", {"ada": says({"n": 1}), "ben": says({"n": 2})})
    first = rehearse(cast, definition)
    with unit_of_work(cast.harbor):
        again = retry_turn(first, Turn.objects.get(run=first, agent="ben"), actor=cast.bob)
        again = Run.objects.get(pk=again.pk)
        Run.objects.filter(pk=again.pk).update(state="stopped", finished_at=timezone.now())
        caps = Budget.objects.get(run=again).turns_cap
        retry_turn(Run.objects.get(pk=again.pk), Turn.objects.get(run=again, agent="ada"), actor=cast.bob)
        assert Budget.objects.get(run=again).turns_cap == caps
