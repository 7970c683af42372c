"""A draft is tried with models that are really asked, over HTTP: within a budget, and without any other effect."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.errors import Conflict, Invalid
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.allowances import set_allowance
from orchestration.actions.forking import fork_run
from orchestration.actions.means import set_endpoint, set_target
from orchestration.actions.runs import start_run
from orchestration.actions.teams import save_draft
from orchestration.actions.trying import start_trial, stop_trial
from orchestration.brains.awaited import Missing
from orchestration.limits.usage import read_wanted, usage
from orchestration.models import Allowance, Budget, ModelResponse, Run, Team, Trial, TriedRun, Turn
from orchestration.teams.dumping import dump
from orchestration.trials import asking, working
from orchestration.trials.working import work_on
from tests.cast import Cast, signed_in
from tests.live.receiver import Receiver
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import carried, published, team_of

PAID = {"type": "object", "required": ["payout_cents"], "properties": {"payout_cents": {"type": "integer"}}}


def payer(words: str, **more: Any) -> dict[str, Any]:
    """An agent that asks the model, which pays more to who asks for it."""
    brain = {"model": {"endpoint": "scripted"}}
    return {"role": "Pays", "brain": brain, "instructions": words, "output": PAID, "on_failure": "stop", **more}


def team(words: str = "Pay.", **more: Any) -> dict[str, Any]:
    tools = ["webhook.send", "documents.search"]
    return team_of(
        "sequential", {"ada": payer(words, tools=tools), "ben": payer("Check.")}, limits={"tokens": 50_000}, **more
    )


def says(body: dict[str, Any]) -> Reply:
    """First a call that sends what is paid, then the answer; Ben takes over what he is given."""
    if "Break." in json.dumps(body):
        return Reply(status=500, error="out of order")
    cents = 250 if "generous" in json.dumps(body) or '\\"payout_cents\\": 250' in json.dumps(body) else 100
    offered = {tool["function"]["name"] for tool in body["tools"]}
    asked = any(message["role"] == "tool" for message in body["messages"])
    if "webhook_send" in offered and not asked:
        search = ("documents_search", {"query": "claim"})
        return Reply(calls=(search, ("webhook_send", {"body": {"pay": cents}})))
    return Reply(calls=(("final_answer", {"payout_cents": cents}),))


@pytest.fixture
def model(cast: Cast, settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(says) as server, Receiver() as receiver:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place, receiver.place]
        with unit_of_work(cast.harbor):
            set_endpoint(actor=cast.alice, slug="scripted", url=server.url, model="m", key="k", price="1/2")
            set_target(cast.room, actor=cast.alice, url=receiver.url)
        server.receiver = receiver  # type: ignore[attr-defined]
        yield server


def ran(cast: Cast, times: int = 1) -> Team:
    """A team with finished runs, for which the model was asked three times each."""
    made = published(cast, team(), "own")
    for _ in range(times):
        with unit_of_work(cast.harbor):
            run = start_run(cast.room, actor=cast.bob, team=made, goal="Settle it.")
        assert carried(cast, run).state == "finished"
    return made


def begun(cast: Cast, made: Team, draft: dict[str, Any], **given: Any) -> Trial:
    with unit_of_work(cast.harbor):
        save_draft(cast.room, actor=cast.alice, slug=made.slug, text=dump(draft))
        row = Team.objects.select_related("published", "workroom").get(pk=made.pk)
        return start_trial(row, actor=cast.alice, **given)


def tried(cast: Cast, trial: Trial) -> list[tuple[str, str]]:
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor):
        assert Trial.objects.get(pk=trial.pk).state == "finished"
        return [(one.outcome, one.reason) for one in TriedRun.objects.filter(trial=trial)]


def test_changed_instructions_show_a_changed_outcome(cast: Cast, model: ScriptedOpenAI) -> None:
    made = ran(cast, times=2)
    assert len(model.requests) == 6
    assert tried(cast, begun(cast, made, team("Be generous."))) == [("same", "")] * 2
    assert len(model.requests) == 6, "what was answered in the run stands in"
    trial = begun(cast, made, team("Be generous."), models=True)
    assert tried(cast, trial) == [("amount", "payout_cents: $1.00 → $2.50")] * 2
    assert len(model.requests) == 12, "each answer was asked for once"
    assert len(model.receiver.received) == 2, "nothing was sent but by the runs themselves"  # type: ignore[attr-defined]
    with unit_of_work(cast.harbor):
        assert Run.objects.filter(pretends="").count() == 2 and Run.objects.filter(pretends="trial").count() == 1
        called = Event.objects.filter(kind="model.called", run=trial.run_id).order_by("seq")
        assert len(called) == 6 and {one.payload["trial"] for one in called} == {str(trial.id)}
        assert called[1].payload["read"] and called[1].payload["read"][0].startswith("documents.search")


def test_what_was_spent_is_booked_and_what_was_reserved_is_given_back(cast: Cast, model: ScriptedOpenAI) -> None:
    made = ran(cast)
    with unit_of_work(cast.harbor):
        before = Allowance.objects.get(workroom=cast.room).microcents
    trial = begun(cast, made, team("Be generous."), models=True)
    with unit_of_work(cast.harbor):
        purse, month = Budget.objects.get(run=trial.run_id), Allowance.objects.get(workroom=cast.room)
        assert (purse.tokens_cap, purse.microcents_cap) == (50_000, 500 * 10**6)
        assert month.tokens_reserved == purse.tokens_reserved == 50_000, "all of it is reserved at the beginning"
    tried(cast, trial)
    with unit_of_work(cast.harbor):
        purse, month = Budget.objects.get(run=trial.run_id), Allowance.objects.get(workroom=cast.room)
        assert purse.tokens == 3 * 120 and purse.microcents == month.microcents - before > 0
        assert (month.tokens_reserved, month.microcents_reserved, purse.tokens_reserved) == (0, 0, 0)
        by_agent = {row["name"]: row["tokens"] for row in usage(read_wanted({"by": "agent"}), cast.room)}
        assert by_agent == {"ada": 480, "ben": 240}
    found = Program(cast, cast.bob).get(f"/trials/{trial.id}")
    assert (found["models"], found["tokens"], found["budget_cents"]) == (True, 360, 500) and found["cost_cents"] > 0


def test_it_never_spends_more_than_it_may(cast: Cast, model: ScriptedOpenAI) -> None:
    made = ran(cast)
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, cost_cents=100)
    with pytest.raises(Conflict, match="may cost more than is left"):
        begun(cast, made, team("Be generous."), models=True)
    with pytest.raises(Invalid, match="For how much"):
        begun(cast, made, team("Be generous."), models=True, budget_cents=-1)
    with unit_of_work(cast.harbor):
        assert not Trial.objects.exists() and not Run.objects.exclude(pretends="").exists()
    trial = begun(cast, made, team("Be generous."), models=True, budget_cents=0)
    [(outcome, reason)] = tried(cast, trial)
    assert outcome == "fails" and reason.startswith("The trial has used up what it may spend. The limit of $0.00")
    assert len(model.requests) == 3


def test_a_model_that_fails_is_an_outcome(cast: Cast, model: ScriptedOpenAI) -> None:
    made = ran(cast)
    trial = begun(cast, made, team("Break."), models=True)
    [(outcome, reason)] = tried(cast, trial)
    assert outcome == "fails" and "status 500" in reason
    with unit_of_work(cast.harbor):
        assert Budget.objects.get(run=trial.run_id).tokens_reserved == 0


def test_a_worker_that_dies_asks_for_nothing_twice(
    cast: Cast, model: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ran(cast)
    trial = begun(cast, made, team("Be generous."), models=True)
    kept = working._keep
    monkeypatch.setattr(working, "_keep", _killed)
    with pytest.raises(SystemExit):
        work_on(cast.harbor.id, trial.pk)
    monkeypatch.setattr(working, "_keep", kept)
    with unit_of_work(cast.harbor):
        Trial.objects.update(heal_at="2020-01-01T00:00Z")
    assert [outcome for outcome, _ in tried(cast, trial)] == ["amount"]
    assert len(model.requests) == 6
    with unit_of_work(cast.harbor):
        assert ModelResponse.objects.filter(turn__run=trial.run_id).count() == 3


def _killed(*_: object) -> None:
    raise SystemExit


def test_a_trial_is_stopped_and_gives_back_what_it_holds(cast: Cast, model: ScriptedOpenAI) -> None:
    made = ran(cast)
    trial = begun(cast, made, team("Be generous."), models=True)
    with unit_of_work(cast.harbor):
        stop_trial(trial, actor=cast.alice)
        assert Allowance.objects.get(workroom=cast.room).tokens_reserved == 0
    work_on(cast.harbor.id, trial.pk)
    assert len(model.requests) == 3


def test_it_is_stopped_while_a_model_answers(
    cast: Cast, model: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ran(cast)
    trial = begun(cast, made, team("Be generous."), models=True)

    def stop() -> None:
        with unit_of_work(cast.harbor):
            stop_trial(trial, actor=cast.alice)

    monkeypatch.setattr(asking, "load_libraries", stop)
    work_on(cast.harbor.id, trial.pk)
    assert len(model.requests) <= 4, "at most the one that was being answered"
    with unit_of_work(cast.harbor):
        purse, month = Budget.objects.get(run=trial.run_id), Allowance.objects.get(workroom=cast.room)
        assert (Trial.objects.get().state, TriedRun.objects.get().outcome) == ("stopped", "")
        assert (purse.tokens_reserved, month.tokens_reserved, month.microcents_reserved) == (0, 0, 0)


def test_the_form_says_what_it_may_cost_before(cast: Cast, model: ScriptedOpenAI) -> None:
    made, bob = ran(cast), signed_in(cast.bob)
    page = f"{cast.path}teams/{made.slug}/trials/"
    shown = bob.get(page).content.decode()
    assert "Ask the models anew" in shown and "at most 50,000 tokens and $5.00" in shown
    assert bob.post(page, {"runs": "1", "models": "1", "dollars": "much"}).status_code == 422
    moved = bob.post(page, {"runs": "1", "models": "1", "dollars": "1.50"})
    with unit_of_work(cast.harbor):
        trial = Trial.objects.get()
    tried(cast, trial)
    html = bob.get(moved["Location"]).content.decode()
    assert "of $1.50" in html and "every call" in html
    with unit_of_work(cast.harbor), pytest.raises(Conflict, match="keeps what a trial spent"):
        fork_run(Run.objects.get(pk=trial.run_id), None, actor=cast.bob)
    with unit_of_work(cast.harbor):
        number = Run.objects.get(pk=trial.run_id).number
        assert Turn.objects.filter(run=trial.run_id, user__isnull=False).count() == 2
    listed, own = bob.get(f"{cast.path}runs/"), bob.get(f"{cast.path}runs/{number}/")
    assert b"Trial" in listed.content and b"what models were asked" in own.content
    assert issubclass(Missing, BaseException) and not issubclass(Missing, Exception)
