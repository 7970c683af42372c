"""A statement under way that fails, late or in the hands of somebody else, is never taken for written."""

import os
import threading
from collections.abc import Callable, Iterator
from signal import SIGINT
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection

from accounts.tenancy import unit_of_work
from accounts.underway import Row, Statement, Unwritten, settle, start
from tests.cast import Cast

ANSWER = Statement("test_answer", "SELECT $1::text", [0])
SLOW = Statement("test_slow", "SELECT pg_sleep($1::float)::text", [0])
BAD = Statement("test_bad", "SELECT (1 / $1::int)::text", [0])


@pytest.fixture(autouse=True)
def nothing_is_left(database: None) -> Iterator[None]:
    """After each test the connection answers, and asks nobody to wait."""
    yield
    assert connection.execute_wrappers == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def never() -> None:
    raise AssertionError("nothing is to be done again")


def gathered(statement: Statement, *parameters: bytes, again: Callable[[], Any] = never) -> list[Row]:
    """Start a statement; return where its answer is put."""
    answers: list[Row] = []
    start(statement, list(parameters), answers.append, again)
    return answers


def test_the_answer_is_taken_before_anything_else_is_asked() -> None:
    answers = gathered(ANSWER, b"first")
    assert answers == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'second'")
        assert (answers, cursor.fetchone()) == ([[b"first"]], ("second",))
    settle()
    assert answers == [[b"first"]]


def test_a_second_statement_waits_for_the_first() -> None:
    first, second = gathered(ANSWER, b"first"), gathered(ANSWER, b"second")
    assert (first, second) == ([[b"first"]], [])
    settle()
    assert second == [[b"second"]]


def test_what_fails_only_when_it_is_committed_was_not_written() -> None:
    """PostgreSQL has answered with the row already when a deferred constraint undoes everything."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept (id int PRIMARY KEY, needs int REFERENCES kept DEFERRABLE"
                       " INITIALLY DEFERRED)")  # fmt: skip
    answers = gathered(Statement("test_deferred", "INSERT INTO kept VALUES ($1, 7) RETURNING id", [0]), b"1")
    with pytest.raises(IntegrityError):
        settle()
    assert answers == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP TABLE kept")


def test_a_failure_is_told_to_whoever_asks_next_and_once() -> None:
    answers = gathered(BAD, b"0")
    with pytest.raises(DatabaseError, match="division by zero"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    settle()
    assert answers == []


def test_a_connection_lost_meanwhile_is_an_error_and_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    answers = gathered(SLOW, b"5")
    with psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(OperationalError):
        settle()
    assert answers == []
    connection.close_if_unusable_or_obsolete()


def test_one_thread_does_not_wait_for_the_statement_of_another() -> None:
    answers, seen = gathered(ANSWER, b"mine"), []

    def other() -> None:
        settle()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'theirs'")
            seen.append((list(answers), cursor.fetchone()))
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert (seen, answers) == ([([], ("theirs",))], [])
    settle()
    assert answers == [[b"mine"]]


def test_a_closed_connection_is_an_error_once() -> None:
    answers = gathered(SLOW, b"0.2")
    connection.close()
    with pytest.raises(OperationalError):
        settle()
    settle()
    assert answers == []


def test_an_interrupted_wait_leaves_nothing_under_way() -> None:
    answers = gathered(SLOW, b"30")
    with pytest.raises(KeyboardInterrupt):
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), SIGINT))
        timer.start()
        settle()
    assert answers == []


def test_a_unit_waits_before_it_is_open(cast: Cast) -> None:
    answers = gathered(ANSWER, b"first")
    with unit_of_work(cast.harbor):
        assert answers == [[b"first"]]


def test_undone_by_a_deadlock_is_unwritten_and_says_how_else(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION pg_temp.undone(state text) RETURNS text LANGUAGE plpgsql AS"
                       " $$ BEGIN RAISE EXCEPTION USING ERRCODE = state; END $$")  # fmt: skip
    undone = Statement("test_undone", "SELECT pg_temp.undone($1)", [0])
    for state in (b"WR001", b"40P01"):
        start(undone, [state], never_answered, lambda: "another way")
        with pytest.raises(Unwritten) as unwritten:
            settle()
        assert unwritten.value.again() == "another way"
    start(undone, [b"57014"], never_answered, never)
    with pytest.raises(OperationalError):
        settle()


def never_answered(_: Row) -> None:
    raise AssertionError("there is no answer")
