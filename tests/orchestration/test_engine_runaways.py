"""Runaways, in each pattern: stopped within three repeats or at the budget, and people are told what was seen."""

from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.models import Budget, Run, Team, TeamVersion, ToolCall, Turn
from tests.cast import Cast
from tests.orchestration.rehearsals import answer, asked, carried, published, rehearse, says, team_of

SAME_CALL = says({"calls": [["messages.search", {"query": "claim"}]] * 9, "n": 1}, tools=["messages.search"])
GIVE = {"next": "ada", "task": "Look", "progress": True, "done": False}
OVER = {"next": None, "task": "", "progress": True, "done": True}
NEVER: dict[str, dict[str, Any]] = {
    "sequential": {},
    "concurrent": {"join": "ben"},
    "group_chat": {"until": "false"},
    "handoff": {"handoffs": {"ada": ["ben"], "ben": ["ada"]}},
    "manager": {"manager": "maya"},
}


def players(pattern: str, ada: dict[str, Any], ben: dict[str, Any] | None = None, **limits: int) -> dict[str, Any]:
    agents = {"ada": ada, "ben": ben or says({"n": 2})}
    if pattern == "manager":
        agents["maya"] = says({"tasks": [{"task": "Look", "agent": "ada"}]}, GIVE)
    return team_of(pattern, agents, **NEVER[pattern], limits=limits)


def spent_within_caps(cast: Cast, run: Run) -> bool:
    with unit_of_work(cast.harbor):
        budget = Budget.objects.get(run=run)
    return bool(budget.turns <= budget.turns_cap and budget.tokens + budget.tokens_reserved <= budget.tokens_cap)


@pytest.mark.parametrize("pattern", NEVER)
def test_the_same_call_again_and_again(cast: Cast, pattern: str) -> None:
    run = rehearse(cast, players(pattern, SAME_CALL))
    assert run.state == "waiting"
    seen = "ada used messages.search with the same arguments 3 times, with the same outcome."
    assert asked(cast).rules[0] == {**asked(cast).rules[0], "name": "loop", "reason": seen}
    with unit_of_work(cast.harbor):
        assert ToolCall.objects.count() == 3
    assert answer(cast, "reject").state == "stopped"


def test_there_and_back(cast: Cast) -> None:
    """What is handed over is different each time, so only the way shows it."""
    ways = [[{"handoff": {"to": to, "payload": {"n": n}}} for n in range(9)] for to in ("ben", "ada")]
    run = rehearse(cast, players("handoff", says(*ways[0]), says(*ways[1]), handoffs=50, turns=60))
    assert (run.state, asked(cast).title) == ("waiting", "ben and ada handed this back and forth 3 times. Go on?")
    with unit_of_work(cast.harbor):
        assert Turn.objects.count() == 4
    assert answer(cast).state == "waiting", "a yes lets them go on, not for ever"
    with unit_of_work(cast.harbor):
        assert Turn.objects.count() == 8
    assert answer(cast, "reject", reason="Enough.").reason == "Rejected by Pat: Enough."


@pytest.mark.parametrize("pattern", ["group_chat", "handoff", "manager"])
def test_the_same_words_again_and_again(cast: Cast, pattern: str) -> None:
    lines = {"handoff": {"summary": "Great!", "handoff": {"to": "ben", "payload": {}}}}
    ben = says({"summary": "You are!", "handoff": {"to": "ada"}}) if pattern == "handoff" else says({"summary": "You!"})
    run = rehearse(cast, players(pattern, says(lines.get(pattern, {"summary": "Great!"})), ben, turns=60, rounds=20))
    assert run.state == "waiting"
    assert "the same 3 times in a row" in asked(cast).title or "back and forth 3 times" in asked(cast).title
    with unit_of_work(cast.harbor):
        assert Turn.objects.filter(agent="ada", purpose="work").count() <= 3


def test_a_reply_that_grows_for_ever(cast: Cast) -> None:
    run = rehearse(cast, players("group_chat", says({"all": "$input.said"}), rounds=20, turns=60))
    assert run.state == "waiting"
    assert "only grows" in asked(cast).title or "the same 3 times" in asked(cast).title
    with unit_of_work(cast.harbor):
        assert Turn.objects.filter(agent="ada").count() <= 4


def test_an_answer_too_large_to_be_one(cast: Cast) -> None:
    run = rehearse(cast, players("sequential", says({"text": "x" * 19_000, "more": ["$goal"] * 100})), goal="y" * 3_900)
    assert (run.state, "breaks its contract" in run.reason) == ("failed", True)


def test_a_manager_that_never_finishes(cast: Cast) -> None:
    agents = {"ada": says(*[{"n": n} for n in range(99)]), "maya": says({"tasks": [{"task": "?", "agent": "ada"}]}, *[
        {**GIVE, "task": f"Look at {n}"} for n in range(99)
    ])}  # fmt: skip
    run = rehearse(cast, team_of("manager", agents, manager="maya", limits={"turns": 12, "rounds": 99}))
    assert (run.state, run.reason) == ("stopped", "limit: The limit of 12 turns is reached.")
    run = rehearse(cast, team_of("manager", agents, manager="maya", limits={"turns": 60, "rounds": 3}))
    assert (run.state, asked(cast).title) == ("waiting", "Not done within 3 rounds. Answer with what there is?")
    assert spent_within_caps(cast, run)


@pytest.mark.parametrize("pattern", ["group_chat", "handoff", "manager"])
def test_the_limit_of_turns_holds_in_a_nested_team_for_the_whole_run(cast: Cast, pattern: str) -> None:
    nothing_new = [{"n": n, "handoff": {"to": "ben", "payload": {}}} for n in range(99)]
    back = [{"m": n, "handoff": {"to": "ada", "payload": {}}} for n in range(99)]
    inner = players(pattern, says(*nothing_new), says(*back))
    agents = inner.pop("agents")
    if "maya" in agents:
        agents["maya"] = says(
            {"tasks": [{"task": "?", "agent": "ada"}]}, *[{**GIVE, "task": str(n)} for n in range(99)]
        )
    nested = {"team": {key: inner[key] for key in ("pattern", "members", *NEVER[pattern])}}
    limits = {"turns": 9, "rounds": 90, "handoffs": 90, "repeats": 90}
    run = rehearse(cast, team_of("sequential", agents, members=[nested], limits=limits))
    assert (run.state, run.reason) == ("stopped", "limit: The limit of 9 turns is reached.")
    assert spent_within_caps(cast, run)
    with unit_of_work(cast.harbor):
        assert Turn.objects.count() <= 9
        assert not Run.objects.exclude(state__in=Run.ENDED).exists()


def test_teams_that_come_to_lead_in_a_circle_are_named(cast: Cast) -> None:
    """The linter refuses a circle when a team is published; this one closes behind its back."""
    ada = {"ada": says({"n": 1})}
    beta = published(cast, team_of("sequential", ada), slug="beta").published
    assert beta is not None
    published(cast, team_of("sequential", ada, members=[{"agent": "ada"}, {"team": "beta"}]), slug="alpha")
    first = published(cast, team_of("sequential", ada, members=[{"team": "alpha"}], limits={"depth": 9}))
    with unit_of_work(cast.harbor):
        definition = {**beta.definition, "members": [{"agent": "ada"}, {"team": "alpha"}]}
        closing = TeamVersion.objects.create(
            organization=cast.harbor, team=beta.team, number=2, text="", definition=definition, published_by=cast.alice
        )
        Team.objects.filter(slug="beta").update(published=closing)
        run = start_run(cast.room, actor=cast.bob, team=first, goal="Go round.")
    run = carried(cast, run)
    assert (run.state, run.reason) == ("stopped", "limit: The teams lead in a circle: alpha → beta → alpha.")
