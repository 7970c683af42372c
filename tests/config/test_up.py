"""`manage.py up`, the real one: what it says, what it survives, what it leaves behind."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.server_files import free_port

ROOT = Path(__file__).parent.parent.parent
GIVEN = {"DATABASE_URL", "DATABASE_APP_URL", "REDIS_URL", "HOST", "PORT", "PUBLIC_URL", "WORKROOM_DEMO_PASSWORD"}


class Up:
    """A running `manage.py up` and what it has said so far."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.home, self.port = home, free_port()
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=kept | {"WORKROOM_HOME": str(home)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line.rstrip("\n"))
        self.lines.put("(end)")

    def wait_for(self, pattern: str, seconds: float = 300) -> str:
        """Return the first line from now on that matches."""
        while True:
            line = self.lines.get(timeout=seconds)
            self.said.append(line)
            if re.search(pattern, line):
                return line
            assert line != "(end)", f"ended without saying {pattern!r}:\n" + "\n".join(self.said)

    def ready(self) -> "Up":
        self.wait_for("^Workroom ready: ")
        return self

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that was told to work in `home`, or works there."""
    found = []
    for process in psutil.process_iter(["environ", "cwd", "status"]):
        told = (process.info["environ"] or {}).get("WORKROOM_HOME") == str(home)
        if (told or str(process.info["cwd"]).startswith(str(home))) and process.info["status"] != "zombie":
            found.append(process)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start_up(home: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*arguments: str, **environment: str) -> Up:
        started.append(Up(home, *arguments, **environment))
        return started[-1]

    yield start
    for up in started:
        up.process.kill()
    psutil.wait_procs(left := processes_of(home), timeout=10)
    for process in left:
        if process.is_running():
            process.kill()


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)


def addresses(home: Path) -> dict[str, str]:
    return dict(json.loads((home / "servers/addresses.json").read_text()))


def test_start_trouble_stop_and_start_again(home: Path, start_up: Callable[..., Up]) -> None:
    first = start_up("--no-demo").ready()
    stages = [line.split()[0] for line in first.said]
    assert stages == ["Servers", "Migrations", "Assets", "Processes", "Workroom"]
    assert first.said[-1] == f"Workroom ready: http://127.0.0.1:{first.port}/"
    assert first.wait_for("First owner").count(f"http://127.0.0.1:{first.port}/") == 1
    status, checks = first.get("/readyz")
    assert (status, json.loads(checks)["worker"]) == (200, "ok")

    second = start_up("--no-demo")
    assert str(first.process.pid) in second.wait_for("WORKROOM_HOME: Workroom is already running")
    assert second.process.wait(10) == 1

    workers = [process for process in processes_of(home) if "worker" in process.cmdline()]
    assert len(workers) == os.cpu_count()
    workers[0].kill()
    assert "SIGKILL" in first.wait_for("^Restart +worker-")

    with psycopg.connect(addresses(home)["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'claim' AS word")
    for name, signature in (("PostgreSQL", "postgres"), ("Valkey", "valkey-server")):
        next(one for one in processes_of(home) if one.name() == signature and one.ppid() == first.process.pid).kill()
        assert "SIGKILL" in first.wait_for(f"^Restart +{name}")
    wait_until(lambda: first.get("/readyz")[0] == 200, 60)
    assert first.end(signal.SIGINT) == 0
    assert processes_of(home) == []

    again = start_up("--no-demo").ready()
    with psycopg.connect(addresses(home)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("claim",)]
    assert sum(line.startswith("Workroom ready: ") for line in again.said) == 1
    assert again.end(signal.SIGTERM) == 0
    assert processes_of(home) == []


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(home: Path, start_up: Callable[..., Up]) -> None:
    killed = start_up("--no-demo").ready()
    before = processes_of(home)
    with psycopg.connect(addresses(home)["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'claim' AS word")
    killed.end(signal.SIGKILL)
    after = start_up("--no-demo").ready()
    assert not any(process.is_running() and process.status() != "zombie" for process in before)
    with psycopg.connect(addresses(home)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("claim",)]
    assert after.end(signal.SIGINT) == 0


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL: is not an address"),
        ({"DATABASE_URL": "postgres://o:hidden@127.0.0.1:1/w"}, "DATABASE_URL: no database could be reached there"),
        ({"REDIS_URL": "redis://:hidden@127.0.0.1:1/0"}, "REDIS_URL: nothing usable answers there"),
        ({"HOST": "0.0.0.0"}, "HOST: other machines can reach 0.0.0.0"),
        ({"HOST": "192.0.2.1", "WORKROOM_DEMO_PASSWORD": "hidden"}, "HOST: cannot listen on 192.0.2.1"),
        ({"HOST": "no.such.host.invalid", "WORKROOM_DEMO_PASSWORD": "hidden"}, "HOST: 'no.such.host.invalid'"),
    ],
)
def test_an_unusable_setting_ends_the_start(
    home: Path, start_up: Callable[..., Up], environment: dict[str, str], said: str
) -> None:
    up = start_up(**environment)
    up.wait_for(re.escape(said))
    assert up.process.wait(30) == 1
    up.wait_for("^.end.$")
    assert not any("Traceback" in line or "hidden" in line for line in up.said)
    assert processes_of(home) == []


def test_a_busy_port_is_named(home: Path, start_up: Callable[..., Up]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        up = start_up("--port", port)
        up.wait_for(f"PORT: cannot listen on 127.0.0.1 port {port}")
        assert up.process.wait(30) == 1
