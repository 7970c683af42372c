"""The six runaways with a scripted model behind every agent, over real HTTP; caps are looked at during each call."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.models import Approval, Run
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.rehearsals import carried, published, team_of
from tests.orchestration.runaways import CIRCLE, HANDS, LIMITS, MORE_TASKS, PLAN, SEEN, lead_in_a_circle, within_caps

OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}}
Said = Callable[[str, str, int], dict[str, Any]]
NEW = [f"word{number}" for number in range(400)]


def modelled(**more: Any) -> dict[str, Any]:
    brain = {"model": {"endpoint": "scripted"}}
    return {"role": "Works", "brain": brain, "output": OBJECT, "on_failure": "stop", **more}


def managing(asked: str, agent: str, number: int) -> dict[str, Any]:
    """A manager that always has one more task, and a member that always has one more answer."""
    if agent == "ada":
        return {"text": f"Found {number}"}
    return PLAN if '"tasks"' in asked else MORE_TASKS[number]


ANSWERS: dict[str, tuple[str, list[str], dict[str, Any], Said]] = {
    "there and back": ("handoff", ["ada", "ben"], HANDS, lambda _, agent, number: {
        "handoff": {"to": "ben" if agent == "ada" else "ada", "payload": {"text": f"Now {number}"}}}),
    "praise": ("group_chat", ["ada", "ben"], {"until": "false"}, lambda _, agent, number: {
        "text": f"Great, {agent}" + "!" * number}),
    "no end": ("manager", ["ada", "maya"], {"manager": "maya"}, managing),
    "growing": ("group_chat", ["ada", "ben"], {"until": "false"}, lambda _, agent, number: {
        "text": " ".join(NEW[: 9 * number + 9]) if agent == "ada" else f"Yes {number}"}),
    CIRCLE: ("sequential", ["ada"], {}, lambda _, __, number: {"text": f"Done {number}"}),
}  # fmt: skip


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI([]) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


@pytest.mark.parametrize("kind", ["same call", *ANSWERS])
def test_a_model_that_would_never_end_is_stopped(cast: Cast, model: ScriptedOpenAI, kind: str) -> None:
    if kind == "same call":
        definition = team_of("sequential", {"ada": modelled(tools=["messages.search"])})
    else:
        pattern, names, more, _ = ANSWERS[kind]
        definition = team_of(pattern, {name: modelled() for name in names}, **more, limits=LIMITS)
    run = begun(cast, model, kind, definition)
    watched: list[bool] = []
    model.say(answering(cast, run, kind, watched))
    run = carried(cast, run)
    with unit_of_work(cast.harbor):
        told = [rule["reason"] for row in Approval.objects.all() for rule in row.rules]
    assert SEEN[kind] in " ".join([run.reason, *told]), (run.state, run.reason, told)
    assert run.state == ("stopped" if kind in ("no end", CIRCLE) else "waiting")
    assert watched and all(watched), "a cap was passed while a call was under way"
    assert within_caps(cast, run)
    assert len(watched) <= {"no end": 40}.get(kind, 8), "it went on too long"


def begun(cast: Cast, model: ScriptedOpenAI, kind: str, definition: dict[str, Any]) -> Run:
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="scripted", url=model.url, model="scripted-1", key="k", price="1/2")
    if kind == CIRCLE:
        leading = {**definition, "members": [{"agent": "ada"}, {"team": "alpha"}], "limits": {**LIMITS, "depth": 9}}
        team = lead_in_a_circle(cast, leading, modelled())
    else:
        team = published(cast, definition)
    with unit_of_work(cast.harbor):
        return start_run(cast.room, actor=cast.bob, team=team, goal="Find out.", input={"question": "Why?"})


def answering(cast: Cast, run: Run, kind: str, watched: list[bool]) -> Callable[[dict[str, Any]], Reply]:
    """The model's part; `watched` gets whether the caps held at each of its calls."""
    numbers = {name: count() for name in ("ada", "ben", "maya")}

    def reply(body: dict[str, Any]) -> Reply:
        watched.append(_within_caps_here(cast, run))
        if kind == "same call":
            return Reply(calls=(("messages_search", {"query": "claim"}),))
        system, tools = json.dumps(body["messages"][0]), json.dumps(body["tools"])
        agent = next(name for name in numbers if f"You are {name}," in system)
        return Reply(calls=(("final_answer", ANSWERS[kind][3](tools, agent, next(numbers[agent]))),))

    return reply


def _within_caps_here(cast: Cast, run: Run) -> bool:
    """Asked from a thread of the model's own, whose connection is not kept."""
    try:
        return within_caps(cast, run)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()
