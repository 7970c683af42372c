"""Real Celery workers and beat in processes of their own, on this test's database and broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class Worker:
    """One Celery process (`worker`, or `beat`) that can be killed and started again."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", *arguments]
        self.environment = os.environ | environment
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.started = datetime.now(UTC)
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def kill(self) -> None:
        """kill -9, with whatever it has forked."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Start it again after `kill`."""
        self.process = self._start()


@contextmanager
def running(concurrency: int = 16, **environment: str) -> Iterator[Worker]:
    """A worker and a beat until the end of the block; yields the worker."""
    worker = Worker("worker", "-P", "threads", "-c", str(concurrency), "-l", "ERROR", **environment)
    beat = Worker("beat", "-s", str(Path(os.environ["WORKROOM_HOME"]) / "test-beat"), "-l", "ERROR", **environment)
    try:
        yield worker
    finally:
        for child in (worker, beat):
            child.kill()


def wait_until(true: Callable[[], bool], seconds: float, what: str, pause: float = 0.1) -> None:
    """Wait until `true()`; fails, saying `what` did not happen, after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(pause)
