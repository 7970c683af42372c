"""Steps of agents that answer at once are written together: whole, in order, and only if all of them still hold."""

import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.brains.assignment import Assignment, Tools
from orchestration.engine import work
from orchestration.models import Run
from orchestration.procedures import PROCEDURES
from tests.cast import Cast
from tests.orchestration.rehearsals import asked, published, says, team_of, turns_of

NAMES = ("ada", "ben", "cleo")
QUIET = {"summary": ""}
OF_A_TURN = ["turn.started", "agent.identified", "turn.finished"]
Words = Callable[[Assignment, Run], dict[str, Any]]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, all steps are gathered."""
    monkeypatch.setattr("orchestration.stepping.MOMENT", 600.0)
    monkeypatch.setattr("orchestration.attempts.QUICK_SECONDS", 600.0)


def said(cast: Cast, monkeypatch: pytest.MonkeyPatch, words: Words, **team: Any) -> Run:
    """Carry a run whose agents answer with `words`, after one that makes the process know the team."""
    runs: list[Run] = []

    def answer(assignment: Assignment, _: Tools) -> dict[str, Any]:
        return words(assignment, runs[-1]) if assignment.goal == "Find out." else QUIET

    monkeypatch.setitem(PROCEDURES, "rehearsal.script", answer)
    made = published(cast, team_of("sequential", {name: says(QUIET) for name in NAMES}, **team))
    for goal in ("Warm up.", "Find out."):
        with unit_of_work(cast.harbor):
            runs.append(start_run(cast.room, actor=cast.bob, team=made, goal=goal, input={"a": 1}))
        work(cast.harbor.id, runs[-1].id)
    with unit_of_work(cast.harbor):
        runs[-1].refresh_from_db()
    return runs[-1]


def transactions(run: Run) -> int:
    """How many transactions wrote the run's turns last."""
    query = "SELECT count(DISTINCT xmin::text) FROM orchestration_turn WHERE run_id = %s"
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        found = other.execute(query, [run.id]).fetchone()
    return int(found[0]) if found else 0


def kinds(cast: Cast, run: Run) -> list[str]:
    """What the ledger says of the run, in its order."""
    with unit_of_work(cast.harbor):
        return list(Event.objects.filter(run=run.id).order_by("seq").values_list("kind", flat=True))


def everybody(state: str) -> list[tuple[str, str, str]]:
    return [(name, "work", state) for name in NAMES]


def test_a_run_of_quick_agents_is_one_transaction(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = said(cast, monkeypatch, lambda assignment, _: {"summary": assignment.agent})
    assert (run.state, turns_of(cast, run), transactions(run)) == (Run.State.FINISHED, everybody("finished"), 1)
    told = [kind for kind in kinds(cast, run) if kind in OF_A_TURN]
    assert told == OF_A_TURN * len(NAMES)


def test_much_is_written_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.stepping.MOST", 4)
    run = said(cast, monkeypatch, lambda assignment, _: {"summary": assignment.agent})
    assert (run.state, turns_of(cast, run)) == (Run.State.FINISHED, everybody("finished"))
    assert transactions(run) > 1


def test_a_step_that_asks_people_takes_nothing_from_those_before_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs the database, and is taken again there; what was gathered is written as it stood before."""
    thought: list[str] = []

    def words(assignment: Assignment, _: Run) -> dict[str, Any]:
        thought.append(assignment.agent)
        return {"summary": "doubt" if assignment.agent == "ben" else "sure"}

    rule = {"name": "doubt", "when": "agent == 'ben' && output.summary == 'doubt'", "ask": {"because": "ben doubts."}}
    run = said(cast, monkeypatch, words, exceptions=[rule])
    assert (run.state, thought) == (Run.State.WAITING, ["ada", "ben"])
    assert turns_of(cast, run) == [("ada", "work", "finished"), ("ben", "work", "waiting")]
    assert asked(cast).turn_id is not None
    assert [kind for kind in kinds(cast, run) if kind in OF_A_TURN][:4] == [*OF_A_TURN, "turn.started"]


def test_who_takes_long_is_seen_at_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first answer of a procedure shows that it is slow: from then on its claims are not held back."""
    monkeypatch.setattr("orchestration.attempts.QUICK_SECONDS", 0.0)
    seen: list[str] = []

    def words(assignment: Assignment, run: Run) -> dict[str, Any]:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            for _ in range(2_000):
                found = other.execute("SELECT agent FROM orchestration_turn WHERE run_id = %s AND state = 'claimed'"
                                      " AND agent = %s", [run.id, assignment.agent]).fetchone()  # fmt: skip
                if found:
                    break
                other.execute("SELECT pg_sleep(0.01)")
        seen.extend(found or ["nobody"])
        return QUIET

    run = said(cast, monkeypatch, words)
    assert (run.state, seen) == (Run.State.FINISHED, list(NAMES))


def test_what_people_do_meanwhile_undoes_all_that_is_gathered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is stopped while cleo thinks: nothing of ada and ben was seen by anybody, and nothing of it counts."""

    def words(assignment: Assignment, run: Run) -> dict[str, Any]:
        if assignment.agent == "cleo":
            with psycopg.connect(os.environ["DATABASE_URL"]) as other:
                other.execute("UPDATE orchestration_run SET state = 'stopping' WHERE id = %s", [run.id])
        return {"summary": assignment.agent}

    run = said(cast, monkeypatch, words)
    assert (run.state, turns_of(cast, run)) == (Run.State.STOPPED, [])
    assert not [kind for kind in kinds(cast, run) if kind in OF_A_TURN]
