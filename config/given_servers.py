"""Servers of the operator's, named by DATABASE_URL and REDIS_URL: checked before anything is started on them."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from config.child import Unusable
from config.installation import installation_secret

OLDEST_POSTGRES = 15
PATIENCE_SECONDS = 5
MAKE_ROLE = "create a role of its own (CREATE ROLE … LOGIN PASSWORD …) and name it in DATABASE_APP_URL"


def check_database(owner_url: str) -> None:
    """Raise Unusable unless a PostgreSQL that is new enough answers at DATABASE_URL."""
    with _connect("DATABASE_URL", owner_url) as connection:
        version = connection.info.server_version // 10000
    if version < OLDEST_POSTGRES:
        raise Unusable(f"DATABASE_URL: PostgreSQL {version} answers, {OLDEST_POSTGRES} or newer is needed")


def check_application_role(app_url: str, owner_url: str) -> None:
    """Raise Unusable unless DATABASE_APP_URL reaches the owner's database as a role that row-level security binds."""
    with _connect("DATABASE_APP_URL", app_url) as app, _connect("DATABASE_URL", owner_url) as owner:
        rights = "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        name, unbound = app.execute(rights).fetchone() or ("", True)
        inherits = "SELECT pg_has_role(%s, %s, 'USAGE')"
        if unbound or owner.execute(inherits, [name, owner.info.user]).fetchone() != (False,):
            problem = f"{name!r} owns the tables, is a superuser or has BYPASSRLS; {MAKE_ROLE}"
            raise Unusable(f"DATABASE_APP_URL: {problem}")
        here = "SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = current_database()"
        if app.execute(here).fetchone() != owner.execute(here).fetchone():
            raise Unusable("DATABASE_APP_URL: names another database than DATABASE_URL")


def make_application_role(owner_url: str, home: Path) -> str:
    """Make the restricted role for a database that names none, where its owner may, and return its address."""
    parts = urlsplit(owner_url)
    database = unquote(parts.path.strip("/"))
    role = f"{database}_app"
    password = installation_secret(home / "servers", f"app-{parts.hostname}-{parts.port or 5432}-{quote(database, '')}")
    with _connect("DATABASE_URL", owner_url) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = "ALTER" if known else "CREATE"
        name = sql.Identifier(role)
        try:
            connection.execute(sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD {{}}").format(name, sql.Literal(password)))
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), name))
        except psycopg.errors.InsufficientPrivilege:
            problem = f"not set, and the user of DATABASE_URL may not make the role {role!r}; {MAKE_ROLE}"
            raise Unusable(f"DATABASE_APP_URL: {problem}") from None
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role, '')}:{password}@{place}"))


def check_broker(url: str) -> None:
    """Raise Unusable unless a Redis or Valkey answers at REDIS_URL."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Unusable(f"REDIS_URL: nothing usable answers there: {error}") from None


def _connect(variable: str, url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, connect_timeout=PATIENCE_SECONDS, autocommit=True)
    except psycopg.Error as error:
        raise Unusable(f"{variable}: no database could be reached there: {str(error).strip()}") from None
