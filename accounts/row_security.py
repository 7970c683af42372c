"""The second wall: PostgreSQL shows a connection only the rows of the organization it has set."""

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.operations import RunSQL

CURRENT = "nullif(current_setting('workroom.organization', true), '')::uuid"


def protect(*tables: str, column: str = "organization_id") -> RunSQL:
    """Migration step: row-level security on `tables` by `column`."""
    forward = tuple(
        sql
        for table in tables
        for sql in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({column} = {CURRENT}) WITH CHECK ({column} = {CURRENT})",
        )
    )
    backward = tuple(f"DROP POLICY tenant ON {table}" for table in tables)
    return RunSQL(forward, backward)


FUNCTIONS = """
DO $$ DECLARE found regprocedure; BEGIN
  FOR found IN SELECT p.oid FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
               WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND r.rolname = current_user LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', found);
  END LOOP;
END $$
"""


def close_functions(using: str, **_: Any) -> None:
    """After migrating: a function that runs as the owner takes no table for ours that its caller made for the moment.
    Unless it is named, PostgreSQL looks into a session's own schema first."""
    if using == "owner":
        with connections[using].cursor() as cursor:
            cursor.execute(FUNCTIONS)


def grant_application_role(using: str, **_: Any) -> None:
    """After migrating: the application's role may use every table, but may only add to and read the ledger's events."""
    role, owner = settings.DATABASE_APP_ROLE, settings.DATABASES["owner"]["USER"]
    if using != "owner" or role == owner:
        return
    with connections[using].cursor() as cursor:
        name = connections[using].ops.quote_name(role)
        for sql in (
            "GRANT USAGE ON SCHEMA public TO {0}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {0}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}",
            "REVOKE UPDATE, DELETE ON accounts_event, accounts_subtree, accounts_checkpoint FROM {0}",
            "REVOKE UPDATE, DELETE ON accounts_legalhold FROM {0}",
            "GRANT UPDATE (lifted_at, lifted_by_id) ON accounts_legalhold TO {0}",
            "GRANT UPDATE (witnessed_at) ON accounts_checkpoint TO {0}",
            "REVOKE DELETE ON accounts_ledger FROM {0}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {0}",
            "REVOKE ALL ON guardian_userobjectpermission, guardian_groupobjectpermission FROM {0}",
        ):
            cursor.execute(sql.format(name))
