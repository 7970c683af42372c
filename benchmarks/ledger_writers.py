"""The ways of committing events that are compared: the ledger's own door, and two INSERTs without a chain."""

import json
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import uuid_utils.compat as uuids

from benchmarks.ledger_verify import PAYLOAD

COLUMNS = (
    *("id", "organization_id", "ledger_id", "at", "actor", "on_behalf_of"),
    *("kind", "object", "run", "turn", "decision", "payload"),
)
PLAIN = f"""
CREATE TABLE plain AS SELECT {", ".join(COLUMNS)} FROM accounts_event WITH NO DATA;
ALTER TABLE plain ADD PRIMARY KEY (id);
CREATE INDEX ON plain (ledger_id, kind, at);
CREATE INDEX ON plain (ledger_id, run, at);
GRANT INSERT ON plain TO workroom_app;
"""
Commit = Callable[[], None]
Way = Callable[[UUID, UUID, int], tuple[Commit, Commit]]


def by_chain(organization: UUID, room: UUID, size: int) -> tuple[Commit, Commit]:
    """One commit through the ledger's own door, and how to close."""
    from django.db import connections

    from accounts.ledger.record import record
    from accounts.models import User
    from accounts.tenancy import unit_of_work

    agent, person = User(kind=User.Kind.AGENT), User()
    identity = uuids.uuid7()
    rest: dict[str, Any] = dict.fromkeys(("run", "turn", "decision"), identity)
    rest |= {"on_behalf_of": person, "payload": PAYLOAD}

    def commit() -> None:
        with unit_of_work(organization):
            for _ in range(size):
                record("tool.called", actor=agent, ledger=room, object=f"source:{identity}", **rest)

    return commit, connections.close_all


def by_insert(organization: UUID, room: UUID, size: int) -> tuple[Commit, Commit]:
    """The least there is: one multi-row INSERT in autocommit, one trip to the server, straight through psycopg."""
    connection = psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True)
    statement, values = _insert(organization, room, size)

    def commit() -> None:
        connection.execute(statement, values())

    return commit, connection.close


def by_insert_in_a_unit(organization: UUID, room: UUID, size: int) -> tuple[Commit, Commit]:
    """The same INSERT where the product writes: in a unit of work, with its transaction and its organization."""
    from django.db import connection, connections

    from accounts.tenancy import unit_of_work

    statement, values = _insert(organization, room, size)

    def commit() -> None:
        with unit_of_work(organization), psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(statement, values())

    return commit, connections.close_all


def _insert(organization: UUID, room: UUID, size: int) -> tuple[str, Callable[[], list[Any]]]:
    row = f"(%s,%s,%s,now(),{','.join(['%s'] * (len(COLUMNS) - 4))})"
    identity = uuids.uuid7()
    names = (f"agent:{identity}", f"person:{identity}", "tool.called", f"source:{identity}")

    def values() -> list[Any]:
        made: list[Any] = []
        for _ in range(size):
            made += [uuids.uuid7(), organization, room, *names, identity, identity, identity, json.dumps(PAYLOAD)]
        return made

    return f"INSERT INTO plain ({', '.join(COLUMNS)}) VALUES {', '.join([row] * size)}", values


WAYS: dict[str, Way] = {"plain": by_insert, "unit": by_insert_in_a_unit, "chain": by_chain}
