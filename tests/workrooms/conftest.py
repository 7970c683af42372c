"""A real web process, Daphne, beside the tests of a module."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[str]:
    """`127.0.0.1:PORT` of a Daphne on this worker's database and broker."""
    with serving() as place:
        yield place


@contextmanager
def serving(log: int | None = None) -> Iterator[str]:
    """Start a Daphne that writes to `log` (a file's number), and stop it at the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "config.asgi:application"]
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(process, f"http://127.0.0.1:{port}/livez")
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        assert process.poll() is None, "Daphne ended at once"
        try:
            urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Daphne did not answer")
