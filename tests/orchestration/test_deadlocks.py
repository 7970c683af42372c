"""Two transactions wait for each other: the database undoes one, and what an agent answered is not lost with it."""

import os
import threading
import time
from contextlib import suppress
from typing import LiteralString
from uuid import UUID

import psycopg
from django.db import connections

from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.engine import advance, conclude, work
from orchestration.models import Run, Turn
from orchestration.outcomes import Answered
from orchestration.stepping import Onward
from orchestration.turns import Claim
from tests.cast import Cast
from tests.orchestration.rehearsals import published, says, team_of

INNER = {"team": {"name": "inner", "pattern": "sequential", "members": [{"agent": "ada"}]}}


def test_an_outcome_survives_being_undone(cast: Cast) -> None:
    team = published(cast, team_of("sequential", {"ada": says({"summary": "Never asked again."})}, [INNER]))
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Find out.", input={"a": 1})
    nested = advance(cast.harbor.id, run.id)
    assert isinstance(nested, Onward)
    claim = advance(cast.harbor.id, nested.run_id)
    assert isinstance(claim, Claim)
    holding = ("SELECT FROM orchestration_turn WHERE run_id = %s FOR UPDATE", run.id)
    ended = concluded_against(claim, holding, wanted=nested.run_id)
    assert ended == Onward(run.id)
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert [turn.attempt for turn in Turn.objects.filter(run=nested.run_id)] == [1]
        assert Run.objects.get(pk=run.pk).result == {"summary": "Said once."}


def test_an_outcome_written_in_one_statement_survives_it_too(cast: Cast) -> None:
    """Who replies in the thread holds its entry, and then wants the run."""
    team = published(
        cast, team_of("sequential", {"ada": says({"summary": "Once."}), "ben": says({"summary": "Then."})})
    )
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Find out.", input={"a": 1})
    claim = advance(cast.harbor.id, run.id)
    assert isinstance(claim, Claim)
    ended = concluded_against(
        claim, ("SELECT FROM workrooms_message WHERE id = %s FOR UPDATE", run.thread_id), wanted=run.id
    )
    assert isinstance(ended, Claim), "the run went on to ben"
    with unit_of_work(cast.harbor):
        first = Turn.objects.get(run=run.pk, agent="ada")
        assert (first.state, first.attempt, first.output) == ("finished", 1, {"summary": "Said once."})


def concluded_against(claim: Claim, holding: tuple[LiteralString, UUID | None], wanted: UUID) -> object:
    """Conclude a claim while another transaction, `holding` a row, wants the run `wanted`; return the answer."""
    ended: list[object] = []

    def end() -> None:
        ended.append(conclude(claim, Answered({"summary": "Said once."})))
        connections.close_all()

    statement, row = holding
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute(statement, [row])
        worker = threading.Thread(target=end)
        worker.start()
        while not waits(other):
            time.sleep(0.01)
        with suppress(psycopg.errors.DeadlockDetected):
            other.execute("SELECT FROM orchestration_run WHERE id = %s FOR UPDATE", [wanted])
        other.rollback()
    worker.join(60)
    return ended[0]


def waits(connection: psycopg.Connection) -> bool:
    """Whether another transaction waits for this one. In one transaction, pg_stat_activity shows no newcomers."""
    blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    return bool((connection.execute(blocked).fetchone() or (0,))[0])
