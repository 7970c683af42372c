"""Every pattern and three nestings over real HTTP, with a scripted model behind each agent."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.models import Budget, ModelResponse, Run, ToolCall, Turn
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.rehearsals import asked, carried, published, team_of

OBJECT = {"type": "object", "properties": {"text": {"type": "string"}, "approved": {"type": "boolean"}}}
Answers = dict[str, list[dict[str, Any]]]


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def modelled(**more: Any) -> dict[str, Any]:
    return {
        "role": "Works", "brain": {"model": {"endpoint": "scripted"}}, "output": OBJECT, "on_failure": "stop", **more
    }  # fmt: skip


def final(output: dict[str, Any]) -> Reply:
    return Reply(calls=(("final_answer", output),))


def run_with(
    cast: Cast, model: ScriptedOpenAI, definition: dict[str, Any], answers: Answers | Callable[[dict[str, Any]], Reply]
) -> Run:
    """Run a team of models; `answers` has for each agent what it says, in order, or is a function of the request."""
    named = (
        answers
        if callable(answers)
        else {f"You are {name},": [final(one) for one in said] for name, said in answers.items()}
    )
    model.say(named)
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="scripted", url=model.url, model="scripted-1", key="k", price="1/2")
    team = published(cast, definition)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Find out.", input={"question": "Why?"})
    return carried(cast, run)


A, B, C = {"text": "A"}, {"text": "B"}, {"text": "C"}
NO, YES = {"text": "Too short.", "approved": False}, {"text": "Fine.", "approved": True}
TO_BEN = {"handoff": {"to": "ben", "payload": {"text": "yours"}}}
PLAN = {"tasks": [{"task": "Read", "agent": "ada"}]}
GIVE = {"next": "ada", "task": "Read", "progress": True, "done": False}
OVER = {"next": None, "task": "", "progress": True, "done": True}
FINAL = {"text": "So.", "references": [3]}
TALK = {"team": {"name": "talk", "pattern": "group_chat", "members": [{"agent": "ada"}, {"agent": "ben"}],
                 "until": "last.output.approved"}}  # fmt: skip
PANEL = {"team": {"name": "panel", "pattern": "concurrent", "members": [{"agent": "ada"}, {"agent": "ben"}]}}
TO_PANEL = {"handoff": {"to": "panel", "payload": {"text": "yours"}}}
GIVE_TALK = {**GIVE, "next": "talk"}


def agents(*names: str, **more: Any) -> dict[str, Any]:
    return {name: modelled(**more) for name in names}


ENDINGS: list[tuple[str, dict[str, Any], Answers, dict[str, Any]]] = [
    ("sequential", team_of("sequential", agents("ada", "ben")), {"ada": [A], "ben": [B]}, B),
    (
        "concurrent",
        team_of("concurrent", agents("ada", "ben", "cam"), join="cam"),
        {"ada": [A], "ben": [B], "cam": [C]},
        C,
    ),
    (
        "group_chat",
        team_of("group_chat", agents("ada", "ben"), until="last.output.approved"),
        {"ada": [A, B], "ben": [NO, YES]},
        B,
    ),
    ("handoff", team_of("handoff", agents("ada", "ben")), {"ada": [TO_BEN], "ben": [B]}, B),
    (
        "manager",
        team_of("manager", agents("ada", "maya"), manager="maya"),
        {"maya": [PLAN, GIVE, OVER, FINAL], "ada": [A]},
        FINAL,
    ),
    (
        "a conversation within a row",
        team_of("sequential", agents("ada", "ben", "cam"), members=[TALK, {"agent": "cam"}]),
        {"ada": [A], "ben": [YES], "cam": [C]},
        C,
    ),
    (
        "a panel within a hand-over",
        team_of("handoff", agents("first", "ada", "ben"), members=[{"agent": "first"}, PANEL]),
        {"first": [TO_PANEL], "ada": [A], "ben": [B]},
        {"ada": A, "ben": B},
    ),
    (
        "a conversation within a plan",
        team_of("manager", agents("ada", "ben", "maya"), members=[TALK], manager="maya"),
        {"maya": [PLAN, GIVE_TALK, OVER, FINAL], "ada": [A], "ben": [YES]},
        FINAL,
    ),
]


@pytest.mark.parametrize(("name", "definition", "answers", "result"), ENDINGS, ids=[row[0] for row in ENDINGS])
def test_from_end_to_end_over_http(
    cast: Cast, model: ScriptedOpenAI, name: str, definition: dict[str, Any], answers: Answers, result: dict[str, Any]
) -> None:
    run = run_with(cast, model, definition, answers)
    assert (run.state, run.result) == ("finished", result), run.reason
    said = sum(len(one) for one in answers.values())
    with unit_of_work(cast.harbor):
        budget = Budget.objects.get(run=run)
        assert (ModelResponse.objects.count(), Turn.objects.filter(user__isnull=False).count()) == (said, said)
    assert (len(model.requests), budget.tokens, budget.tokens_reserved) == (said, 120 * said, 0)


def test_a_model_is_told_what_its_turn_is_for_and_offered_that_very_answer(cast: Cast, model: ScriptedOpenAI) -> None:
    run_with(cast, model, *ENDINGS[4][1:3])
    plan, choose, work, _, last = model.requests
    fields = [sorted(_answer_of(seen.body)["properties"]) for seen in (plan, choose, work, last)]
    assert fields[0] == ["facts", "tasks"]
    assert fields[1] == ["because", "done", "next", "progress", "task"]
    assert fields[2] == ["approved", "text"]
    assert fields[3] == ["approved", "references", "text"]
    assert "Write a plan for the request" in plan.system and "Write a plan" not in work.system


def _answer_of(body: dict[str, Any]) -> dict[str, Any]:
    tool = next(tool for tool in body["tools"] if tool["function"]["name"] == "final_answer")
    schema: dict[str, Any] = tool["function"]["parameters"]
    return schema


def test_reasons_of_a_verifier_are_shown_to_the_author(cast: Cast, model: ScriptedOpenAI) -> None:
    people = {"ada": modelled(checks=[{"verifier": "ben"}]), "ben": modelled()}
    verdicts = [{"approved": False, "reasons": ["It lacks a sum."]}, {"approved": True, "reasons": []}]
    run = run_with(
        cast, model, team_of("sequential", people, members=[{"agent": "ada"}]), {"ada": [A, B], "ben": verdicts}
    )
    assert (run.state, run.result) == ("finished", B)
    assert "It lacks a sum." in json.dumps(model.requests[2].body["messages"])


def test_a_model_that_uses_the_same_tool_for_ever_is_stopped(cast: Cast, model: ScriptedOpenAI) -> None:
    people = {"ada": modelled(tools=["messages.search"])}
    search = Reply(calls=(("messages_search", {"query": "claim"}),))
    run = run_with(cast, model, team_of("sequential", people), lambda _: search)
    assert (run.state, asked(cast).rules[0]["name"]) == ("waiting", "loop")
    assert len(model.requests) == 4
    with unit_of_work(cast.harbor):
        assert ToolCall.objects.count() == 3


def test_two_models_that_praise_each_other_are_stopped(cast: Cast, model: ScriptedOpenAI) -> None:
    chat = team_of("group_chat", agents("ada", "ben"), until="last.output.approved", limits={"rounds": 50, "turns": 90})
    run = run_with(cast, model, chat, lambda _: final({"text": "Great point!"}))
    assert (run.state, asked(cast).title) == ("waiting", "ada said the same 3 times in a row. Go on?")
    assert len(model.requests) == 5


def within_caps(cast: Cast) -> bool:
    """Whether spent and reserved are within the caps now; asked by the model's own thread as well."""
    try:
        with unit_of_work(cast.harbor):
            budget = Budget.objects.get()
            money = budget.microcents + budget.microcents_reserved <= budget.microcents_cap
            return bool(money and budget.tokens + budget.tokens_reserved <= budget.tokens_cap)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()


@pytest.mark.parametrize("pattern", ["sequential", "concurrent", "group_chat", "handoff", "manager"])
def test_what_never_ends_is_stopped_at_the_budget(cast: Cast, model: ScriptedOpenAI, pattern: str) -> None:
    """Each reply is new and longer than the last, so only the budget can stop it."""
    count, seen = iter(range(1_000_000)), list[bool]()

    def reply(body: dict[str, Any]) -> Reply:
        number = next(count)
        seen.append(within_caps(cast))
        words = "".join(f"{number * place} " for place in range(min(50 * number, 800)))
        properties = _answer_of(body)["properties"]
        if "tasks" in properties:
            return final({"tasks": [{"task": words, "agent": "ada"}]})
        if "next" in properties:
            return final({"next": "ada", "task": words, "progress": True, "done": False})
        handed = {"handoff": {"to": "ben" if "You are ada," in str(body) else "ada", "payload": {"text": words}}}
        return final(handed if pattern == "handoff" else {"text": words, "approved": False})

    ways = {"group_chat": {"until": "last.output.approved"}, "manager": {"manager": "maya"}}
    more: dict[str, Any] = {**ways.get(pattern, {})}
    people = agents("ada", "ben", *(["maya"] if pattern == "manager" else []))
    limits = {"tokens": 16_000, "rounds": 500, "handoffs": 500, "turns": 500, "repeats": 90}
    run = run_with(cast, model, team_of(pattern, people, **more, limits=limits), reply)
    assert seen and all(seen), "a cap was passed while a call was under way"
    assert within_caps(cast)
    over = {"sequential": "finished", "concurrent": "finished"}.get(pattern, "stopped")
    assert run.state == over
    assert over == "finished" or run.reason.startswith("limit: The limit of 16,000 tokens would be passed")
