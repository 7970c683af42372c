"""A statement that is under way while its sender goes on: sent now or a moment later, answered before anything else.

The database writes one step while the process works out the next, and steps that come quickly are held back and written
together. Whoever asks the database meanwhile, through a unit of work or a cursor, has what is held sent and waits for
the answer first.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from weakref import WeakSet

from django.db import connection, transaction
from psycopg import Connection
from psycopg.errors import Error, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

MOVED, DEADLOCK = "WR001", "40P01"
UNDONE, UNKNOWN_STATEMENT = (MOVED, DEADLOCK), b"26000"
# One row, each value as PostgreSQL writes it as text; None when there is none.
Row = Sequence[bytes | None] | None


class Unwritten(BaseException):
    """What was sent was not written, so whatever was built on it does not count. `again` does it another way.

    No `Exception`, so that nothing on the way takes it for a failure of its own.
    """

    def __init__(self, again: Callable[[], Any]) -> None:
        super().__init__()
        self.again = again


class Statement:
    """A statement that each connection prepares once. `formats` says of each parameter whether it is binary (1)."""

    def __init__(self, name: str, query: str, formats: Sequence[int]) -> None:
        self.name, self.query, self.formats = name.encode(), query.encode(), formats
        self._prepared: WeakSet[Connection[Any]] = WeakSet()

    def send(self, database: "Connection[Any]", parameters: Sequence[bytes | None]) -> None:
        """Send it without waiting for its answer."""
        if database not in self._prepared:
            _raise_failed(database.pgconn.prepare(self.name, self.query))
            self._prepared.add(database)
        database.pgconn.send_query_prepared(self.name, parameters, self.formats)
        database.wait(send(database.pgconn))

    def answer(self, database: "Connection[Any]", parameters: Sequence[bytes | None]) -> PGresult:
        """Wait for the answer. Psycopg drops every prepared statement after a rollback: then it is sent again.

        What fails only when it is committed has been answered with a row before: the failure comes after that.
        """
        results: list[PGresult] = database.wait(fetch_many(database.pgconn))
        if results[0].error_field(DiagnosticField.SQLSTATE) == UNKNOWN_STATEMENT:
            self._prepared.discard(database)
            self.send(database, parameters)
            results = database.wait(fetch_many(database.pgconn))
        for result in results:
            _raise_failed(result)
        return results[0]


class _Sent(NamedTuple):
    statement: Statement
    parameters: Sequence[bytes | None]
    database: "Connection[Any]"
    wrappers: list[Any]
    answered: Callable[[Row], None]
    again: Callable[[], Any]


class _Here(threading.local):
    """What this thread's connection has under way, and what is held for it: as its connection, nobody else's."""

    sent: _Sent | None = None
    held: tuple[Callable[[], None], list[Any]] | None = None


_here = _Here()


def hold(send: Callable[[], None]) -> None:
    """Have `send`, which is to `start` a statement, called before anything else is asked, at the latest at `settle`.

    It is forgotten when what is under way turns out not to be written, because it stands on that.
    """
    send_held()
    connection.ensure_connection()
    connection.execute_wrappers.append(_settle_first)
    _here.held = (send, connection.execute_wrappers)


def send_held() -> None:
    """Send what is held, if anything is, without waiting for its answer. Raises Unwritten of what was under way."""
    if (held := _here.held) is None:
        return
    _here.held = None
    send, wrappers = held
    wrappers.remove(_settle_first)
    send()


def start(
    statement: Statement,
    parameters: Sequence[bytes | None],
    answered: Callable[[Row], None],
    again: Callable[[], Any],
) -> None:
    """Send a statement; before anything else is asked, `answered` is called with the first row of its answer.

    Where the database undid it because others had written, Unwritten is raised then, with `again`. Raises
    TransactionManagementError in an open transaction, with which it could be undone unseen.
    """
    settle()
    connection.ensure_connection()
    database: Connection[Any] = connection.connection
    if database.pgconn.transaction_status != TransactionStatus.IDLE:
        raise transaction.TransactionManagementError("In a transaction of somebody else's it would not be written.")
    with connection.wrap_database_errors:
        statement.send(database, parameters)
    connection.execute_wrappers.append(_settle_first)
    _here.sent = _Sent(statement, parameters, database, connection.execute_wrappers, answered, again)


def settle() -> None:
    """Have what is held sent, and wait for the answer of what is under way, if anything is.

    Raises Unwritten, and what else the database says.
    """
    try:
        send_held()
    finally:
        _take_answer()


def _take_answer() -> None:
    if (sent := _here.sent) is None:
        return
    _here.sent = None
    sent.wrappers.remove(_settle_first)
    try:
        with connection.wrap_database_errors:
            row = _row(sent.statement.answer(sent.database, sent.parameters))
    except Exception as error:
        if isinstance(error.__cause__, Error) and error.__cause__.sqlstate in UNDONE:
            raise Unwritten(sent.again) from None
        raise
    sent.answered(row)


def _settle_first(execute: Callable[..., Any], *asked: Any) -> Any:
    settle()
    return execute(*asked)


def _row(result: PGresult) -> Row:
    return [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else None


def _raise_failed(result: PGresult) -> None:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise error_from_result(result)
