"""Keeps the installation's processes running until it is told to stop."""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.child import Child, Unusable

LOOK_SECONDS = 0.3
SHORT_LIFE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30


@contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Hold the installation's lock, which dies with the process; raise Unusable, naming the holder, if it is held."""
    path = home / "up.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = f"WORKROOM_HOME: Workroom is already running in {home} (process {holder}); stop it first"
            raise Unusable(f"{message}, or name another directory") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def watch(children: Sequence[Child], stopping: threading.Event, say: Callable[[str], None]) -> None:
    """Start again, and say, every child that ends; return when `stopping` is set.

    A child that keeps dying young is started after ever longer pauses, up to half a minute.
    """
    started = {child.name: time.monotonic() for child in children}
    young_deaths = dict.fromkeys(started, 0)
    due: dict[str, float] = {}
    while not stopping.wait(LOOK_SECONDS):
        for child in children:
            now = time.monotonic()
            if child.alive:
                continue
            if child.name not in due:
                young = now - started[child.name] < SHORT_LIFE_SECONDS
                young_deaths[child.name] = young_deaths[child.name] + 1 if young else 0
                pause = min(LONGEST_PAUSE_SECONDS, 2 ** young_deaths[child.name] - 1)
                due[child.name] = now + pause
                say(f"{child.name} {_ended(child)}; starting it again{f' in {pause} s' if pause else ''}. {child.log}")
            if now >= due[child.name]:
                del due[child.name]
                started[child.name] = now
                child.start()


def stop_all(groups: Sequence[Sequence[Child]], seconds: float) -> None:
    """Stop one group after the other, the processes of a group together, each within `seconds`."""
    for group in groups:
        for child in group:
            child.ask_to_stop()
        until = time.monotonic() + seconds
        for child in group:
            child.stop(max(0.1, until - time.monotonic()))


def _ended(child: Child) -> str:
    code = child.process.returncode if child.process else 0
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
