"""Others write, hold and end things while a step is being written: no turn is lost, told twice or told wrongly."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import connection

from accounts.underway import settle
from orchestration.models import Run
from tests.cast import Cast
from tests.orchestration.test_underway import NAMES, carried
from workrooms.models import Message

Meanwhile = Callable[[psycopg.Connection], None]
EVERYBODY = dict.fromkeys(NAMES, 1)


@pytest.fixture(autouse=True)
def each_step_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ada said is being written while ben is asked, and not held back to be written with what he says."""
    monkeypatch.setattr("orchestration.stepping.is_quick", lambda _: False)


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Somebody else, in a transaction."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        yield other


def wait_until_blocked(other: psycopg.Connection, waiting: int) -> None:
    """Wait until the connection of this number waits for a lock of the other's."""
    for _ in range(2_000):
        found = other.execute("SELECT %s = ANY (pg_blocking_pids(%s))", [other.info.backend_pid, waiting]).fetchone()
        if found == (True,):
            return
        other.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits for the other")


def waits_for(other: psycopg.Connection) -> int:
    """Wait until this thread's connection waits for a lock of the other's; return its number."""
    mine = int(connection.connection.info.backend_pid)
    wait_until_blocked(other, mine)
    return mine


def holding(other: psycopg.Connection, table: str, meanwhile: Callable[[int], None]) -> Callable[[str, Run], None]:
    """The other has written a row before ada's outcome is written, and does something while that waits."""

    def act(name: str, run: Run) -> None:
        if name == "ada":
            settle()
            which = "run_id" if table == "orchestration_turn" else "id"
            row = "state = state" if table == "orchestration_turn" else "updated_at = now()"
            other.execute(f"UPDATE {table} SET {row} WHERE {which} = %s", [run.id])
        elif name == "ben" and not done:
            done.append(name)
            meanwhile(waits_for(other))

    done: list[str] = []
    return act


@pytest.mark.parametrize("table", ["orchestration_run", "orchestration_turn"])
@pytest.mark.parametrize(("end", "again"), [("commit", 1), ("rollback", 0)])
def test_who_waited_for_a_row_sees_whether_it_was_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection, table: str, end: str, again: int
) -> None:
    """The row's xmin is looked at after the wait: a row that was rolled back is as it was known."""
    act = holding(other, table, lambda _: getattr(other, end)())
    assert carried(cast, monkeypatch, act) == EVERYBODY | {"ben": 1 + again}


def keeps_to_itself() -> None:
    """An agent that asks the database, and takes no failure seriously."""
    with suppress(BaseException), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        raise AssertionError("the database was to fail")


def cancel(waiting: int) -> None:
    """Let the database end what waits, for no reason that has to do with the step."""
    with psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True) as same_role:
        same_role.execute("SELECT pg_cancel_backend(%s)", [waiting])


@pytest.mark.parametrize("end", ["cancelled", "moved"])
def test_a_failure_that_an_agent_keeps_to_itself_is_none_of_its_outcome(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection, end: str
) -> None:
    """What ada said is not written when ben hears of it; whatever ben makes of that, both turns count once."""

    def meanwhile(waiting: int) -> None:
        if end == "cancelled":
            cancel(waiting)
        else:
            other.commit()
        keeps_to_itself()
        other.rollback()

    act = holding(other, "orchestration_run", meanwhile)
    assert carried(cast, monkeypatch, act) == EVERYBODY | {"ben": 2}


def test_an_agent_that_breaks_on_an_unwritten_step_is_asked_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection
) -> None:
    """The statement fails for a reason that has nothing to do with ben: his turn does not fail of it."""

    def meanwhile(waiting: int) -> None:
        cancel(waiting)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Exception as error:
            raise ValueError("I cannot work so") from error
        finally:
            other.rollback()

    act = holding(other, "orchestration_run", meanwhile)
    assert carried(cast, monkeypatch, act) == EVERYBODY | {"ben": 2}


def test_an_agent_that_takes_long_and_keeps_a_failure_to_itself_loses_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection
) -> None:
    """By then what was known of the run is no longer fresh, and is read anew."""
    monkeypatch.setattr("orchestration.stepping.is_fresh", lambda _: False)

    def meanwhile(_: int) -> None:
        other.commit()
        keeps_to_itself()

    act = holding(other, "orchestration_run", meanwhile)
    assert carried(cast, monkeypatch, act) == EVERYBODY | {"ben": 2}


def test_nothing_is_pushed_or_hinted_while_the_step_below_waits(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection
) -> None:
    pushed: list[tuple[int, int]] = []

    def push(message: Message, kind: str, path: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"]) as third:
            found = third.execute(
                "SELECT count(*) FROM accounts_event WHERE ledger_id = %s AND seq = %s AND kind = %s",
                [message.workroom_id, message.changed_seq, kind],
            ).fetchone()
        pushed.append((message.changed_seq, found[0] if found else 0))

    def meanwhile(_: int) -> None:
        before = len(pushed)
        other.rollback()
        settle()
        waiting.append(len(pushed) - before)

    waiting: list[int] = []
    monkeypatch.setattr("workrooms.actions.entries.broadcast_entry", push)
    assert carried(cast, monkeypatch, holding(other, "orchestration_run", meanwhile)) == EVERYBODY
    numbers = [number for number, _ in pushed]
    assert numbers == sorted(set(numbers)) and {found for _, found in pushed} == {1}
    assert waiting[0] > 0


def test_xmin_after_a_wait_is_that_of_the_row_that_is_there_now(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, other: psycopg.Connection
) -> None:
    """What `keep_step` rests on: PostgreSQL locks the newest version, and tells that one's xmin."""
    seen: list[str] = []

    def look(name: str, run: Run) -> None:
        if name != "ada":
            return
        settle()
        other.execute("UPDATE orchestration_run SET updated_at = now() WHERE id = %s", [run.id])
        writer = other.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
        with psycopg.connect(os.environ["DATABASE_URL"]) as third:
            third.execute("SET statement_timeout = '20s'")
            third.pgconn.send_query_params(
                b"SELECT xmin::text FROM orchestration_run WHERE id = $1 FOR NO KEY UPDATE", [str(run.id).encode()]
            )
            wait_until_blocked(other, third.info.backend_pid)
            other.commit()
            result = third.pgconn.get_result()
            value = result.get_value(0, 0) if result else None
            third.pgconn.get_result()
        assert writer and value
        seen.extend([writer[0], value.decode()])

    carried(cast, monkeypatch, look)
    assert len(seen) == 2 and seen[0] == seen[1]
