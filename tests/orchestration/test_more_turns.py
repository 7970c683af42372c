"""A run that has used up its turns asks people for more, where its team says so; nothing done is done again."""

from typing import Any

import pytest

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.models import Approval, Budget, Run, Turn
from tests.cast import Cast
from tests.orchestration.rehearsals import answer, asked, carried, published, rehearse, says, team_of

ABC = {"ada": says({"n": 1}), "ben": says({"n": 2}), "cyn": says({"n": 3})}
YES = says({"approved": True, "reasons": []})
NESTED = [{"team": {"pattern": "sequential", "members": [{"agent": "ada"}, {"agent": "ben"}]}}, {"agent": "cyn"}]


def short(cast: Cast, turns: int, definition: dict[str, Any]) -> Run:
    """A run of a team that may take nine turns and asks, of which only so many are left."""
    team = published(cast, {"limits": {"turns": 9}, "on_limit": "ask", **definition})
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Go.", input={})
        Budget.objects.filter(run=run).update(turns_cap=turns)
    return carried(cast, run)


def attempts(cast: Cast) -> dict[str, int]:
    with unit_of_work(cast.harbor):
        return {turn.agent: turn.attempt for turn in Turn.objects.filter(user__isnull=False)}


def test_a_yes_gives_as_many_again_and_the_run_goes_on(cast: Cast) -> None:
    run = short(cast, 2, team_of("sequential", ABC))
    question = asked(cast)
    assert (run.state, question.title) == ("waiting", "Give ben's run 9 turns more?")
    reason = question.rules[0]["reason"]
    assert reason.startswith("The limit of 2 turns is reached.") and "2 of 2 turns" in reason
    run = answer(cast)
    assert (run.state, run.result) == ("finished", {"n": 3})
    assert attempts(cast) == {"ada": 1, "ben": 1, "cyn": 1}
    with unit_of_work(cast.harbor):
        budget = Budget.objects.get()
        assert (budget.turns, budget.turns_cap) == (3, 11)
        raised = Event.objects.get(kind="budget.raised")
        assert (raised.actor, raised.payload) == (cast.pat.ledger_name, {"short": "turns", "more": 9})


def test_it_asks_again_when_that_is_used_up_too(cast: Cast) -> None:
    chat = team_of("group_chat", {name: ABC[name] for name in ("ada", "ben")}, until="round > 9", on_max_rounds="best")
    run = rehearse(cast, {**chat, "limits": {"turns": 2, "rounds": 3, "repeats": 9}, "on_limit": "ask"})
    assert run.state == "waiting" and answer(cast).state == "waiting" and answer(cast).state == "finished"
    with unit_of_work(cast.harbor):
        assert [one.action["more"] for one in Approval.objects.order_by("created_at")] == [2, 2]
        assert Turn.objects.count() == 6


def test_a_no_stops_it_and_a_team_that_does_not_ask_is_stopped(cast: Cast) -> None:
    short(cast, 2, team_of("sequential", ABC))
    run = answer(cast, "reject")
    assert (run.state, run.reason) == ("stopped", "Rejected by Pat: Because.")
    run = short(cast, 2, team_of("sequential", ABC, on_limit="stop"))
    assert (run.state, run.reason) == ("stopped", "limit: The limit of 2 turns is reached.")


@pytest.mark.parametrize(
    ("pattern", "turns", "members", "more"),
    [
        ("concurrent", 2, None, {}),
        ("concurrent", 2, [{"agent": "ada"}, {"agent": "ben"}], {"join": "cyn"}),
        ("sequential", 1, NESTED, {}),
        ("sequential", 2, NESTED, {}),
        ("sequential", 3, NESTED, {}),
    ],
)
def test_wherever_it_happens_each_turn_is_taken_once(
    cast: Cast, pattern: str, turns: int, members: Any, more: dict[str, Any]
) -> None:
    run = short(cast, turns, team_of(pattern, ABC, members, **more))
    while run.state == "waiting":
        run = answer(cast)
    assert run.state == "finished", run.reason
    assert attempts(cast) == {"ada": 1, "ben": 1, "cyn": 1}
    with unit_of_work(cast.harbor):
        budget = Budget.objects.get()
        assert budget.turns == Turn.objects.count() <= budget.turns_cap


@pytest.mark.parametrize("turns", [1, 2])
def test_an_answer_waits_for_the_turn_that_verifies_it(cast: Cast, turns: int) -> None:
    checks = [{"verifier": "ben"}, {"verifier": "cyn"}]
    agents = {"ada": says({"n": 1}, checks=checks), "ben": YES, "cyn": YES}
    run = short(cast, turns, team_of("sequential", agents, [{"agent": "ada"}]))
    with unit_of_work(cast.harbor):
        assert Turn.objects.get(agent="ada").state == "waiting"
    while run.state == "waiting":
        run = answer(cast)
    assert (run.state, run.result) == ("finished", {"n": 1})
    with unit_of_work(cast.harbor):
        assert Turn.objects.filter(purpose="verify", state="finished").count() == 2
        assert Run.objects.get(pk=run.pk).reason == ""
