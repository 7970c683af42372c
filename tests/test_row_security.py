"""The second wall: what PostgreSQL shows the application's role."""

import os

import psycopg
import pytest
from psycopg import sql

from accounts.tenancy import unit_of_work
from tests.cast import Cast
from tests.servers import Cleaner
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message

# People and their addresses belong to the installation, the rest is machinery without anything of a tenant's.
WITHOUT_TENANT = {"accounts_user", "accounts_user_groups", "accounts_user_user_permissions"}
MACHINERY = ("django_", "auth_", "account_", "guardian_", "usersessions_")


def application() -> psycopg.Connection:
    """Connect as the application's restricted role."""
    return psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True)


def tables_with_tenant(connection: psycopg.Connection) -> dict[str, str]:
    """Every table of a tenant's, and its column that says whose."""
    query = """SELECT table_name::text, 'organization_id' FROM information_schema.columns
               WHERE table_schema = 'public' AND column_name = 'organization_id'"""
    return dict(connection.execute(query).fetchall()) | {"accounts_organization": "id"}


def count(connection: psycopg.Connection, table: str, column: str, organization: object = None) -> int:
    """Count rows, all or those of one organization."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} = coalesce(%s, {})").format(
        *(sql.Identifier(name) for name in (table, column, column))
    )
    row = connection.execute(query, [organization]).fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def furnished(cast: Cast) -> Cast:
    """The cast with a message and a document in Harbor."""
    with unit_of_work(cast.harbor):
        post_message(cast.room, actor=cast.bob, body="secret @alice")
        add_document(cast.room, actor=cast.bob, name="note.md", content=b"secret")
    return cast


def test_every_table_of_a_tenant_is_walled(furnished: Cast) -> None:
    with application() as connection:
        walled = {row[0] for row in connection.execute("SELECT relname::text FROM pg_class WHERE relrowsecurity")}
        every = {
            row[0] for row in connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        }
        assert sorted(tables_with_tenant(connection).keys() - walled) == []
        unexplained = every - walled - WITHOUT_TENANT
        assert sorted(name for name in unexplained if not name.startswith(MACHINERY)) == []


def test_without_an_organization_there_is_nothing(furnished: Cast, cleaner: Cleaner) -> None:
    filled = 0
    with application() as connection:
        for table, column in tables_with_tenant(connection).items():
            there = count(cleaner.connection, table, column)
            assert count(connection, table, column) == 0, table
            filled += there > 0
    assert filled >= 12, "the test has too little to hide"


def test_with_an_organization_there_is_only_its_own(furnished: Cast, cleaner: Cleaner) -> None:
    with application() as connection:
        connection.execute("SELECT set_config('workroom.organization', %s, false)", [str(furnished.outsider.id)])
        for table, column in tables_with_tenant(connection).items():
            own = count(cleaner.connection, table, column, furnished.outsider.id)
            assert count(connection, table, column) == own, table


def test_nothing_is_written_into_another_organization(furnished: Cast) -> None:
    with application() as connection:
        connection.execute("SELECT set_config('workroom.organization', %s, false)", [str(furnished.outsider.id)])
        moved = "UPDATE workrooms_workroom SET organization_id = %s WHERE slug = 'burrow'"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(moved, [furnished.harbor.id])
        assert connection.execute("UPDATE workrooms_message SET body = ''").rowcount == 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE accounts_event SET kind = 'x'", "DELETE FROM accounts_event", "TRUNCATE accounts_event",
     "DELETE FROM accounts_ledger", "ALTER TABLE accounts_event DISABLE ROW LEVEL SECURITY"],
)  # fmt: skip
def test_events_stay_as_they_are(furnished: Cast, statement: str) -> None:
    with application() as connection:
        connection.execute("SELECT set_config('workroom.organization', %s, false)", [str(furnished.harbor.id)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_organization_is_not_left_behind(furnished: Cast) -> None:
    from django.db import connection

    with unit_of_work(furnished.harbor), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workrooms_message")
        assert cursor.fetchone() == (1,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workrooms_message")
        assert cursor.fetchone() == (0,)


TRAP = (
    "CREATE FUNCTION pg_temp.taken() RETURNS uuid LANGUAGE plpgsql AS "
    "$$ BEGIN EXECUTE 'ALTER TABLE accounts_event DISABLE ROW LEVEL SECURITY'; RETURN NULL; END $$",
    "CREATE TEMP VIEW accounts_service AS SELECT pg_temp.taken() AS organization_id, gen_random_uuid() AS id",
    "GRANT SELECT ON pg_temp.accounts_service TO PUBLIC",
)


def test_what_runs_as_the_owner_takes_no_table_of_its_callers_for_ours(furnished: Cast) -> None:
    """PostgreSQL looks for tables in a session's own schema first, wherever `search_path` does not name it."""
    with application() as connection:
        for statement in TRAP:
            connection.execute(statement)
        connection.execute("SELECT * FROM service_home(gen_random_uuid())")
        walled = "SELECT relrowsecurity FROM pg_class WHERE oid = 'public.accounts_event'::regclass"
        assert connection.execute(walled).fetchone() == (True,)
        paths = connection.execute("""SELECT DISTINCT proconfig::text FROM pg_proc
            WHERE prosecdef AND pronamespace = 'public'::regnamespace""").fetchall()
        assert paths == [('{"search_path=public, pg_temp"}',)]
