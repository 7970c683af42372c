"""The embedded servers: they keep what they are given, whatever happened to whoever started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import redis

from config.child import Unusable
from config.embedded import Servers, start
from config.embedded_postgres import start_postgres

ROOT = Path(__file__).parent.parent.parent
STARTER = """
import sys, time
from pathlib import Path
from config.embedded import start
servers = start(Path(sys.argv[1]), durable=False)
print(servers.database_url, servers.redis_url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home below a directory that only we may enter, longer than a socket path may be."""
    closed = tmp_path / ("closed-" + "x" * 100)
    closed.mkdir(mode=0o700)
    yield closed / "home"
    for process in workers_below(closed):
        process.kill()


def workers_below(place: Path) -> list[psutil.Process]:
    """The processes whose working directory is below `place`."""
    found = psutil.process_iter(["cwd"])
    return [process for process in found if str(process.info["cwd"]).startswith(str(place))]


def remember(servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('claim')")
    with redis.Redis.from_url(servers.redis_url) as broker:
        broker.rpush("runs", "hint")


def remembered(servers: Servers) -> tuple[object, object]:
    with psycopg.connect(servers.database_url) as connection, redis.Redis.from_url(servers.redis_url) as broker:
        return connection.execute("SELECT word FROM kept").fetchall(), broker.lrange("runs", 0, -1)


def test_a_second_start_finds_what_the_first_was_given(home: Path) -> None:
    first = start(home, durable=False)
    remember(first)
    first.stop()
    assert workers_below(home) == []
    second = start(home, durable=False)
    assert remembered(second) == ([("claim",)], [b"hint"])
    second.stop()


def test_servers_die_with_a_killed_starter_and_the_next_start_loses_nothing(home: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    database, broker = starter.stdout.readline().split()
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('claim')")
    with redis.Redis.from_url(broker) as client:
        client.rpush("runs", "hint")
    orphans = workers_below(home)
    assert orphans
    starter.kill()
    starter.wait()
    after = start(home, durable=False)
    assert remembered(after) == ([("claim",)], [b"hint"])
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in orphans)
    after.stop()


def test_servers_left_running_are_ended_by_the_next_start(home: Path) -> None:
    left = start(home, durable=False)
    remember(left)
    after = start(home, durable=False)
    assert remembered(after) == ([("claim",)], [b"hint"])
    assert not any(child.alive for child in left.children)
    after.stop()


def test_a_recycled_process_id_does_not_stop_the_start(home: Path) -> None:
    start(home, durable=False).stop()
    data = home / "postgres/data"
    owner = data.stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid, cwd="/") as stranger:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n{int(time.time())}\n5432\n\n127.0.0.1\n")
        os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)
        start(home, durable=False).stop()
        assert stranger.poll() is None
        stranger.terminate()


def test_a_half_made_database_is_made_again(home: Path) -> None:
    (home / "postgres/new").mkdir(parents=True)
    (home / "postgres/new/PG_VERSION").write_text("18")
    servers = start(home, durable=False)
    remember(servers)
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not (home / "postgres/new").exists()
    servers.stop()


def test_only_loopback_and_only_with_the_password(home: Path) -> None:
    servers = start(home, durable=False)
    for url in (servers.database_url, servers.app_url, servers.superuser_url):
        parts = urlsplit(url)
        wrong = urlunsplit(parts._replace(netloc=f"{parts.username}:wrong@{parts.hostname}:{parts.port}"))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    broker = urlsplit(servers.redis_url)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=broker.port or 0).ping()
    listening = {c.laddr.ip for p in workers_below(home) for c in p.net_connections() if c.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    with psycopg.connect(servers.superuser_url) as connection:
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
    assert len(stored) == 3
    assert all(row[0].startswith("SCRAM-SHA-256$") for row in stored)
    servers.stop()


def test_the_application_role_owns_nothing_and_may_make_nothing(home: Path) -> None:
    servers = start(home, durable=False)
    rights = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    for url in (servers.database_url, servers.app_url):
        with psycopg.connect(url) as connection:
            assert connection.execute(rights).fetchone() == (False, False, False, False)
    with psycopg.connect(servers.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (a int)")
    servers.stop()


def test_secrets_are_for_us_alone(home: Path) -> None:
    start(home, durable=False).stop()
    assert home.stat().st_mode & 0o777 == 0o700
    files = [path for path in (home / "servers").iterdir() if path.is_file()]
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert not any(path.read_text() in logs for path in files)


def test_passwords_of_another_home_are_named(home: Path) -> None:
    start(home, durable=False).stop()
    (home / "servers/postgres").write_text("another")
    with pytest.raises(Unusable, match="WORKROOM_HOME: the passwords"):
        start_postgres(home, durable=False)
    assert workers_below(home) == []


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match=r"WORKROOM_HOME: .*file/home cannot be made"):
        start(tmp_path / "file/home")


def test_where_the_kernel_does_not_watch_the_leash_does(tmp_path: Path) -> None:
    watching = "import sys; sys.path.insert(0, sys.argv[1]); import leash, os; "
    sleeping = "import time; print(1, flush=True); time.sleep(600)"
    watching += f"leash.watch(os.getppid(), 15, [sys.executable, '-c', {sleeping!r}])"
    starting = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); time.sleep(600)"
    command = [sys.executable, "-c", starting, watching, str(ROOT / "config")]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path)
    assert starter.stdout
    starter.stdout.readline()
    leashed = psutil.Process(starter.pid).children(recursive=True)
    assert len(leashed) == 2
    starter.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(leashed, timeout=5)
    assert alive == []
