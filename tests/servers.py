"""Servers for one test run: started once, on ports of their own, a database and a broker number for each xdist worker.

The controller starts them and tells its workers through the environment. Django is set up only afterwards, so that
settings see the addresses. Each worker's database is copied from a template that was migrated once; the application's
role, which row-level security binds, runs the tests, and only the clean-up between tests is the superuser's.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.embedded import Servers, start

TOLD = "WORKROOM_TEST_SERVERS"
ROOT = Path(__file__).parent.parent
TEMPLATE = "workroom_template"
REDIS_NUMBERS = 16
FILLED_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission", "django_site"}


def start_for_run() -> Servers | None:
    """Start the servers and tell the environment; None in an xdist worker, where the controller has done so."""
    if TOLD in os.environ:
        return None
    home = Path(tempfile.mkdtemp(prefix="workroom-tests-"))
    servers = start(home, durable=False)
    urls = {"owner": servers.database_url, "app": servers.app_url, "redis": servers.redis_url}
    os.environ[TOLD] = json.dumps(urls | {"superuser": servers.superuser_url, "home": str(home)})
    return servers


def stop_after_run(servers: Servers) -> None:
    """Stop what `start_for_run` started and remove its data."""
    servers.stop()
    shutil.rmtree(json.loads(os.environ.pop(TOLD))["home"], ignore_errors=True)


def address_worker(worker: str) -> None:
    """Point settings, by the environment, at what belongs to this xdist worker (`master` without xdist)."""
    told = json.loads(os.environ[TOLD])
    number = 0 if worker == "master" else int(worker.removeprefix("gw")) + 1
    home = Path(told["home"]) / worker
    home.mkdir(exist_ok=True)
    os.environ |= {
        "DATABASE_URL": _with_path(told["owner"], f"/workroom_{worker}"),
        "DATABASE_APP_URL": _with_path(told["app"], f"/workroom_{worker}"),
        "REDIS_URL": _with_path(told["redis"], f"/{number}"),
        "WORKROOM_HOME": str(home),
        "EMAIL_URL": "memorymail://",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def make_database() -> None:
    """Make this worker's database: migrate the template if nobody has yet, and copy it."""
    told = json.loads(os.environ[TOLD])
    name = urlsplit(os.environ["DATABASE_URL"]).path[1:]
    with (Path(told["home"]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(told["superuser"], autocommit=True) as connection:
            if not _exists(connection, TEMPLATE):
                _make_template(connection, told)
            if not _exists(connection, name):
                _create(connection, name, TEMPLATE)


def own_installation() -> dict[str, str]:
    """Make a fresh database beside this worker's, which no test empties; return the addresses of what is its own."""
    told = json.loads(os.environ[TOLD])
    name = f"{urlsplit(os.environ['DATABASE_URL']).path[1:]}_installation"
    number = int(urlsplit(os.environ["REDIS_URL"]).path[1:])
    home = Path(os.environ["WORKROOM_HOME"]) / "installation"
    home.mkdir()
    make_database()
    with psycopg.connect(told["superuser"], autocommit=True) as connection:
        _create(connection, name, TEMPLATE)
    return {
        "DATABASE_URL": _with_path(told["owner"], f"/{name}"),
        "DATABASE_APP_URL": _with_path(told["app"], f"/{name}"),
        "REDIS_URL": _with_path(told["redis"], f"/{number + REDIS_NUMBERS // 2}"),
        "WORKROOM_HOME": str(home),
    }


class Cleaner:
    """Empties the tables of this worker's database between tests, as superuser, without firing foreign keys."""

    def __init__(self) -> None:
        told = json.loads(os.environ[TOLD])
        url = _with_path(told["superuser"], urlsplit(os.environ["DATABASE_URL"]).path)
        self.connection = psycopg.connect(url, autocommit=True)
        tables = self.connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = sorted({row[0] for row in tables} - FILLED_BY_MIGRATIONS)
        deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names]
        self.statement = sql.SQL("; ").join(deletions)
        self.connection.execute("SET session_replication_role = replica")
        self.connection.execute("SET lock_timeout = '10s'")

    def clean(self) -> None:
        """Delete every row a test may have made; fails when a test left a transaction open that holds one."""
        self.connection.execute(self.statement)


def _make_template(connection: psycopg.Connection, told: dict[str, str]) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(f"{TEMPLATE}_fresh")))
    _create(connection, f"{TEMPLATE}_fresh", "template1")
    path = f"/{TEMPLATE}_fresh"
    addresses = {"DATABASE_URL": _with_path(told["owner"], path), "DATABASE_APP_URL": _with_path(told["app"], path)}
    migrate = [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | addresses, check=True)
    old, new = sql.Identifier(f"{TEMPLATE}_fresh"), sql.Identifier(TEMPLATE)
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))


def _create(connection: psycopg.Connection, name: str, template: str) -> None:
    owner = urlsplit(os.environ["DATABASE_URL"]).username or ""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy")
    connection.execute(statement.format(*(sql.Identifier(part) for part in (name, owner, template))))


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))
