"""While the database writes a step, the next is worked out: it counts only if the one below it was written."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.brains.assignment import Assignment, Tools
from orchestration.engine import work
from orchestration.models import Run, Turn
from orchestration.procedures import PROCEDURES
from tests.cast import Cast
from tests.orchestration.rehearsals import published, says, team_of

NAMES = ("ada", "ben", "cleo")


def carried(cast: Cast, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[str, Run], None]) -> Counter[str]:
    """Carry a run of three agents, each of which does something on the side; say how often each was asked.

    A run before it makes the process know the team, so that its steps can be foreseen.
    """
    asked: Counter[str] = Counter()

    def answer(assignment: Assignment, _: Tools) -> dict[str, Any]:
        if assignment.goal == "Find out.":
            asked[assignment.agent] += 1
            meanwhile(assignment.agent, run)
        return {"summary": f"{assignment.agent} said it."}

    monkeypatch.setitem(PROCEDURES, "rehearsal.script", answer)
    team = published(cast, team_of("sequential", {name: says({"summary": ""}) for name in NAMES}))
    for goal in ("Warm up.", "Find out."):
        with unit_of_work(cast.harbor):
            run = start_run(cast.room, actor=cast.bob, team=team, goal=goal, input={"a": 1})
        work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.id).state == Run.State.FINISHED
        turns = Turn.objects.filter(run=run.id).order_by("number")
        assert [(turn.agent, turn.state, turn.attempt) for turn in turns] == [(name, "finished", 1) for name in NAMES]
        for kind in ("turn.started", "agent.identified", "turn.finished"):
            assert Event.objects.filter(run=run.id, kind=kind).count() == len(NAMES), kind
    return asked


def test_whoever_looks_sees_the_step_below(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def look(name: str, run: Run) -> None:
        with unit_of_work(cast.harbor):
            seen.append(list(Turn.objects.filter(run=run.id).order_by("number").values_list("state", flat=True)))

    assert carried(cast, monkeypatch, look) == Counter(NAMES)
    assert seen == [["claimed"], ["finished", "claimed"], ["finished", "finished", "claimed"]]


def test_what_stands_on_an_unwritten_step_is_dropped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes the run while ada works: nothing of what was gathered counts, and all are asked anew."""
    written: list[str] = []

    def write(name: str, run: Run) -> None:
        if name == "ada" and not written:
            with psycopg.connect(os.environ["DATABASE_URL"]) as other:
                other.execute("UPDATE orchestration_run SET updated_at = now() WHERE id = %s", [run.id])
            written.append(name)

    assert carried(cast, monkeypatch, write) == Counter([*NAMES, *NAMES])
    assert written == ["ada"]


def test_what_is_prepared_is_prepared_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg drops what a connection has prepared when a transaction is rolled back."""

    def roll_back(name: str, run: Run) -> None:
        with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
            Run.objects.filter(pk=run.id).update(subject=str(1 // 0))

    assert carried(cast, monkeypatch, roll_back) == Counter(NAMES)
