"""The stages of a start, each a function: servers, migrations, assets, demo, processes."""

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from django.db.migrations.loader import MigrationLoader

from config.child import Child, Unusable
from config.embedded_postgres import CONNECTIONS_PER_PROCESS, start_postgres
from config.embedded_valkey import start_valkey
from config.given_servers import check_application_role, check_broker, check_database, make_application_role
from config.heartbeat import is_alive

ROOT = Path(__file__).parent.parent
THREADS_PER_WORKER = 16
SPARE_CONNECTIONS = 12
START_SECONDS = 120


def check_port(host: str, port: int) -> None:
    """Raise Unusable unless we could listen on `host`:`port` now."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise Unusable(f"HOST: {host!r} is not an address of this machine: {error.strerror}") from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            variable = "HOST" if error.errno == 99 else "PORT"
            raise Unusable(f"{variable}: cannot listen on {host} port {port}: {error.strerror}") from None


def start_servers(home: Path, given: Mapping[str, str]) -> tuple[dict[str, str], list[Child]]:
    """Check the servers that are given, start those that are not; return the three addresses and what was started."""
    started: list[Child] = []
    try:
        if owner := given.get("DATABASE_URL"):
            check_database(owner)
            application = given.get("DATABASE_APP_URL") or make_application_role(owner, home)
            check_application_role(application, owner)
        else:
            postgres = start_postgres(home)
            started.append(postgres.child)
            owner, application = postgres.owner_url, postgres.app_url
        if broker := given.get("REDIS_URL"):
            check_broker(broker)
        else:
            valkey = start_valkey(home)
            started.append(valkey.child)
            broker = valkey.url
    except BaseException:
        for child in started:
            child.stop()
        raise
    return {"DATABASE_URL": owner, "DATABASE_APP_URL": application, "REDIS_URL": broker}, started


def manage(home: Path, environment: Mapping[str, str], *arguments: str) -> None:
    """Run a management command; raise Unusable with its last words if it fails. What it says is kept only then."""
    log = home / "logs" / f"{arguments[0]}.log"
    log.unlink(missing_ok=True)
    command = [sys.executable, "manage.py", *arguments]
    child = Child(arguments[0], command, ROOT, log, environment=environment)
    child.start()
    try:
        code = child.process.wait() if child.process else 0
    finally:
        child.stop()
    if code:
        raise Unusable(f"`manage.py {' '.join(arguments)}` failed:\n{child.last_words()}")
    log.unlink()


def is_migrated(owner_url: str, app_url: str) -> bool:
    """Whether every migration on disk is applied and the application's role may use the tables: a fast look."""
    wanted = set(MigrationLoader(None).graph.leaf_nodes())
    role = unquote(urlsplit(app_url).username or "")
    with psycopg.connect(owner_url) as connection:
        try:
            applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
            usable = "SELECT has_table_privilege(%s, 'accounts_organization', 'SELECT')"
            return wanted <= applied and connection.execute(usable, [role]).fetchone() == (True,)
        except psycopg.errors.UndefinedTable:
            return False


def seed_where_empty(home: Path, environment: Mapping[str, str]) -> bool:
    """Make the demo in a database without organizations, or finish one that was cut short; return whether it was."""
    unfinished = home / "servers/demo-unfinished"
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT EXISTS (SELECT 1 FROM accounts_organization)").fetchone()
    if found == (True,) and not unfinished.exists():
        return False
    unfinished.touch()
    manage(home, environment, "seed_demo")
    unfinished.unlink()
    return True


def pool_size(owner_url: str) -> int:
    """Return how many connections each process may hold, so that all together stay below what the server allows."""
    with psycopg.connect(owner_url) as connection:
        allowed = connection.execute("SELECT current_setting('max_connections')::int").fetchone() or (100,)
    return max(4, min(CONNECTIONS_PER_PROCESS, (int(allowed[0]) - SPARE_CONNECTIONS) // ((os.cpu_count() or 1) + 2)))


def processes(home: Path, environment: Mapping[str, str], host: str, port: int) -> list[Child]:
    """Return what serves: the web, one worker a core, and the clock."""
    logs = home / "logs"
    web = ["daphne", "-b", host, "-p", str(port), "-v", "0", "--no-server-name", "config.asgi:application"]
    celery = ["celery", "-A", "config"]
    beat = [*celery, "beat", "--loglevel", "WARNING"]
    names = [f"worker-{number}" for number in range(1, (os.cpu_count() or 1) + 1)]
    commands = {"web": web} | {name: [*celery, *_worker(name)] for name in names} | {"beat": beat}
    return [
        Child(name, [sys.executable, "-m", *command], ROOT, logs / f"{name}.log", environment=environment)
        for name, command in commands.items()
    ]


def node_name(worker: str) -> str:
    """Return the name by which a worker of this machine is known to all machines."""
    return f"{worker}@{socket.gethostname()}"


def wait_for_web(web: Child, host: str, port: int) -> None:
    """Return when the web process answers; raise Unusable if it does not within two minutes."""
    url = f"{address(host, port)}livez"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  (our own http address)
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    web.wait_until(answers, START_SECONDS)


def wait_for_workers(workers: list[Child], broker_url: str) -> None:
    """Return when every worker has given a sign of life; raise Unusable if one does not within two minutes."""
    for worker in workers:
        worker.wait_until(partial(is_alive, broker_url, node_name(worker.name)), START_SECONDS)


def address(host: str, port: int) -> str:
    """Return where a browser on this machine finds the web process."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (translated, not bound)
    return f"http://[{reached}]:{port}/" if ":" in reached else f"http://{reached}:{port}/"


def _worker(name: str) -> list[str]:
    pool = ["--pool", "threads", "--concurrency", str(THREADS_PER_WORKER)]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    return ["worker", *pool, *quiet, "--hostname", node_name(name)]
