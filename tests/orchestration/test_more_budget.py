"""A run that meets its cap asks people for more, where its team says so: yes and it goes on, no and it stops."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.allowances import set_allowance
from orchestration.actions.approvals import decide_approval
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.models import Approval, Budget, Run
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.claims_room import published
from tests.orchestration.model_room import TEAM

ANSWER = Reply(calls=(("final_answer", {"summary": "Three.", "count": 3}),))


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(lambda _: ANSWER) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def asked(cast: Cast, model: ScriptedOpenAI, cost_cents: int = 500, tokens: int = 3_000) -> tuple[Run, Approval]:
    """A run whose first call is more than its team lets it spend, and what it asks."""
    text = (TEAM % ("stop", cost_cents)).replace("tokens: 100000", f"tokens: {tokens}") + "on_limit: ask\n"
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="scripted", url=model.url, model="m", key="k", price="1/2")
        team = published(cast, "helper", text)
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Count.")
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        row = Run.objects.get(pk=run.pk)
        assert row.state == "waiting", row.reason
        return row, Approval.objects.get(state="open")


def decided(cast: Cast, run: Run, question: Approval, decision: str) -> Run:
    with unit_of_work(cast.harbor):
        decide_approval(question, actor=cast.pat, decision=decision, digest=question.digest, reason="So.")
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        row: Run = Run.objects.get(pk=run.pk)
        return row


def test_a_yes_raises_the_cap_and_the_run_goes_on(cast: Cast, model: ScriptedOpenAI) -> None:
    run, question = asked(cast, model)
    assert question.title == "Give helper's run 3,000 tokens more?"
    assert "The limit of 3,000 tokens would be passed" in question.rules[0]["reason"]
    assert "Spent: $0.00 of $5.00, 0 of 3,000 tokens, 1 of 30 turns." in question.rules[0]["reason"]
    assert model.requests == []
    row = decided(cast, run, question, "approve")
    assert (row.state, len(model.requests)) == ("finished", 1)
    with unit_of_work(cast.harbor):
        assert Budget.objects.get().tokens_cap == 6_000
        raised = Event.objects.get(kind="budget.raised")
        assert (raised.actor, raised.payload) == (cast.pat.ledger_name, {"short": "tokens", "more": 3_000})


def test_a_no_stops_it_with_the_reason(cast: Cast, model: ScriptedOpenAI) -> None:
    run, question = asked(cast, model)
    row = decided(cast, run, question, "reject")
    assert (row.state, row.reason, model.requests) == ("stopped", "Rejected by Pat: So.", [])
    with unit_of_work(cast.harbor):
        assert Budget.objects.get().tokens_cap == 3_000


def test_a_room_without_money_left_is_asked_about_and_given_more_by_its_owner(
    cast: Cast, model: ScriptedOpenAI
) -> None:
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, tokens=1)
    run, question = asked(cast, model, tokens=100_000)
    assert "1 tokens of Auto claims this month" in question.rules[0]["reason"]
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, tokens=100_000)
    assert decided(cast, run, question, "approve").state == "finished"
    with unit_of_work(cast.harbor):
        assert Budget.objects.get().tokens_cap == 100_000
