"""A whole installation for browsers: web, worker and clock on a database of their own, with the demo in it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.live import workers

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it answers, and the environment of its processes."""

    url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command against it."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


@contextmanager
def installed() -> Iterator[Installation]:
    """Start it, fill it with the demo, and stop it at the end of the block."""
    port = _free_port()
    given = servers.own_installation() | {"HOST": "127.0.0.1", "PORT": str(port), "DATABASE_POOL": "8"}
    installation = Installation(f"http://127.0.0.1:{port}", os.environ | given)
    web = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "config.asgi:application"],
        cwd=ROOT, env=installation.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        done = installation.manage("seed_demo")
        assert done.returncode == 0, done.stderr[-2000:]
        with workers.running(4, **given):
            _wait_for(f"{installation.url}/livez", web)
            yield installation
    finally:
        web.kill()
        web.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, web: "subprocess.Popen[bytes]") -> None:
    end, why = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < end:
        assert web.poll() is None, f"the web process ended with {web.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError) as error:
            why = str(error)
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {READY_SECONDS} s: {why}")
