"""The application refuses to work as a database role that row-level security does not bind."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

UNBOUND = """
SELECT rolname FROM pg_roles
WHERE rolname = current_user AND (rolsuper OR rolbypassrls OR EXISTS (
  SELECT 1 FROM pg_class WHERE oid = to_regclass('public.accounts_event') AND pg_has_role(relowner, 'USAGE')
))
"""
_bound: set[str] = set()


def refuse_unbound_role(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Raise ImproperlyConfigured when the first connection of a process is an owner's, a superuser's or BYPASSRLS."""
    if connection.alias != "default" or connection.alias in _bound:
        return
    with connection.cursor() as cursor:
        cursor.execute(UNBOUND)
        unbound = cursor.fetchone()
    if unbound:
        connection.close()
        reason = f"{unbound[0]!r} owns the tables, is a superuser or has BYPASSRLS"
        raise ImproperlyConfigured(f"DATABASE_APP_URL: {reason}; `manage.py up` makes a role that may serve")
    _bound.add(connection.alias)
