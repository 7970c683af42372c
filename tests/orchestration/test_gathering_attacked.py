"""Agents that do what none should, while steps are gathered: what is written is still what happened."""

import contextvars
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.ledger.append import appended
from accounts.tenancy import unit_of_work
from orchestration import attempts
from orchestration.brains.assignment import Assignment
from orchestration.models import Run, Turn
from tests.cast import Cast
from tests.orchestration.rehearsals import turns_of
from tests.orchestration.test_gathering import NAMES, OF_A_TURN, everybody, kinds, said
from workrooms.models import Message

Act = Callable[[Assignment, Run], None]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, all steps are gathered."""
    monkeypatch.setattr("orchestration.stepping.MOMENT", 600.0)
    monkeypatch.setattr("orchestration.attempts.QUICK_SECONDS", 600.0)


def attacked(cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str, act: Act) -> Run:
    """Carry a run in which the agent of this name acts, the first time that it is asked."""
    acted: list[str] = []

    def words(assignment: Assignment, run: Run) -> dict[str, Any]:
        if assignment.agent == name and not acted:
            acted.append(name)
            act(assignment, run)
        return {"summary": assignment.agent}

    run = said(cast, monkeypatch, words)
    assert connection.execute_wrappers == []
    return run


def is_whole(cast: Cast, run: Run) -> bool:
    """Whether each turn is there and counts once, in the rows and in the ledger."""
    told = [kind for kind in kinds(cast, run) if kind in OF_A_TURN]
    return (run.state, turns_of(cast, run), told) == ("finished", everybody("finished"), OF_A_TURN * len(NAMES))


def test_what_an_agent_is_given_is_its_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def forge(assignment: Assignment, _: Run) -> None:
        for result in assignment.results.values():
            result["summary"] = "forged"
        assignment.input["summary"] = "forged"

    run = attacked(cast, monkeypatch, "ben", forge)
    assert is_whole(cast, run)
    with unit_of_work(cast.harbor):
        ada, ben, _ = Turn.objects.filter(run=run).order_by("number")
    assert (ada.output, ben.input) == ({"summary": "ada"}, {"summary": "ada"})


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
def test_an_error_that_no_database_takes_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("orchestration.agent_loop.logger.disabled", True)  # pytest's workers cannot pass it on

    def fail(_: Assignment, __: Run) -> None:
        raise ValueError(text)

    run = attacked(cast, monkeypatch, "ben", fail)
    assert (run.state, turns_of(cast, run)[1]) == (Run.State.FAILED, ("ben", "work", "failed"))
    assert "a\ufffdb" in run.reason


def test_who_fails_slowly_is_slow(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Assignment, __: Run) -> None:
        time.sleep(0.2)
        raise ValueError("late")

    attacked(cast, monkeypatch, "ben", fail)
    assert attempts._paces["rehearsal.script"] >= 0.2


def test_whoever_asks_from_another_context_waits_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    assert is_whole(cast, attacked(cast, monkeypatch, "ben", lambda *_: contextvars.copy_context().run(ask)))


def test_what_is_committed_is_pushed_whatever_an_agent_undoes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[int] = []
    monkeypatch.setattr("workrooms.actions.entries.broadcast_entry", lambda entry, *_: pushed.append(entry.changed_seq))

    def undo(_: Assignment, __: Run) -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            raise ZeroDivisionError

    run = attacked(cast, monkeypatch, "cleo", undo)
    assert is_whole(cast, run)
    with unit_of_work(cast.harbor):
        assert {*Message.objects.filter(thread=run.thread_id).values_list("changed_seq", flat=True)} <= {*pushed}


def test_nothing_is_sent_into_a_transaction_that_somebody_may_undo(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens one behind Django's back has the step refused, not lost."""

    def undo(_: Assignment, __: Run) -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            connection.connection.execute("SELECT 1")
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            raise ZeroDivisionError

    assert is_whole(cast, attacked(cast, monkeypatch, "cleo", undo))


def test_what_cannot_be_sent_leaves_nothing_behind(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """One group is under way, the next cannot be put together: the first is answered for all that."""
    left = [1]

    def broken(*asked: Any) -> list[Any]:
        if not left:
            raise MemoryError
        return appended(*asked)

    def interrupt(_: Assignment, __: Run) -> None:
        left.clear()
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.stepping.MOST", 4)
    monkeypatch.setattr("orchestration.committing.appended", broken)
    with pytest.raises((MemoryError, KeyboardInterrupt)):
        attacked(cast, monkeypatch, "cleo", interrupt)
    assert connection.execute_wrappers == []
