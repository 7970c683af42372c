"""One process of the installation: started on a leash, logged to a file, stopped with its own signal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LEASH = Path(__file__).with_name("leash.py")
LOG_BYTES_KEPT = 10_000_000


class Unusable(Exception):
    """What was given cannot be used; the text names the setting or place and what is wrong with it."""


@dataclass
class Child:
    """A process to run. `account` is the (uid, gid) to run as, None for our own; `death` what it gets when we die."""

    name: str
    command: list[str]
    directory: Path
    log: Path
    account: tuple[int, int] | None = None
    environment: Mapping[str, str] | None = None
    first_words: bytes = field(default=b"", repr=False)
    stop_signal: signal.Signals = signal.SIGTERM
    death: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only us; call from the main thread."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        account = f"{self.account[0]}:{self.account[1]}" if self.account else "-"
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(self.death)), account]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leash + self.command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.PIPE if self.first_words else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self.first_words and self.process.stdin:
            with self.process.stdin as pipe:
                pipe.write(self.first_words)

    @property
    def alive(self) -> bool:
        """Whether the process was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the stop signal, if there is somebody to get it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self, seconds: float = 15) -> None:
        """Ask the process to stop and wait; kill it after `seconds`."""
        self.ask_to_stop()
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()` holds; raise Unusable if the process ends or takes longer than `seconds`."""
        until = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise Unusable(f"{self.name} did not start. The end of {self.log}:\n{self.last_words()}")
            if time.monotonic() > until:
                raise Unusable(f"{self.name} was not ready after {seconds:.0f} s; see {self.log}")
            time.sleep(0.1)

    def last_words(self, lines: int = 8) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def end_leftovers(directory: Path, name: str, first: signal.Signals, seconds: float = 20) -> None:
    """End every process called `name…` that works in `directory`: what a killed supervisor left behind.

    Process ids in files are not trusted, since they may have been given to others since. Only the head of the family
    is asked with `first`: to PostgreSQL's own children the same signal means something else.
    """
    place = str(directory.resolve())
    left = [one for one in psutil.process_iter(["name", "cwd", "ppid"]) if _works_in(one, place, name)]
    family = {process.pid for process in left}
    for head in (process for process in left if process.info["ppid"] not in family):
        _tell(head, first)
    _, stubborn = psutil.wait_procs(left, timeout=seconds)
    for process in stubborn:
        _tell(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=seconds)


def _works_in(process: psutil.Process, place: str, name: str) -> bool:
    return process.info["cwd"] == place and str(process.info["name"]).startswith(name)


def _tell(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass
