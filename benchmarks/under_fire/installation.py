"""An installation under fire: `manage.py up` and all that it supervises, a receiver that is never killed, people."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil

from config.installation import installation_secret
from config.server_files import free_port

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 180
KINDS = {
    "daphne": "web", "celery -A config worker": "worker", "celery -A config beat": "beat",
    "valkey-server": "Valkey", "bin/postgres": "PostgreSQL",
}  # fmt: skip


@dataclass
class Installation:
    """A running `manage.py up`: where it lives, where it answers, and what it has said so far."""

    home: Path
    port: int
    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def superuser_url(self) -> str:
        """The address of the database's superuser, which ends connections of others."""
        kept = json.loads((self.home / "servers/addresses.json").read_text())["DATABASE_URL"]
        parts = urlsplit(str(kept))
        place = f"postgres:{installation_secret(self.home / 'servers', 'postgres')}@127.0.0.1:{parts.port}"
        return str(urlunsplit(parts._replace(netloc=place)))

    def children(self, kind: str) -> list[psutil.Process]:
        """Return the living processes of one kind, as `KINDS` tells them apart."""
        try:
            mine = psutil.Process(self.process.pid).children()
            return [child for child in mine if _kind_of(child) == kind]
        except psutil.NoSuchProcess:
            return []

    def listen(self) -> None:
        """Keep what it says until it ends."""
        for line in self.process.stdout or ():
            self.said.append(line.rstrip("\n"))
            if line.startswith("Workroom ready"):
                self.ready.set()


def _kind_of(process: psutil.Process) -> str:
    try:
        words = " ".join(process.cmdline())
        alive = process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return ""
    return next((kind for words_of, kind in KINDS.items() if words_of in words and alive), "")


def settle_in(home: Path, **given: str) -> None:
    """Make the environment that of an installation in `home`, with nothing left of any other."""
    for name in [name for name in os.environ if name.startswith(("DATABASE", "REDIS", "WORKROOM"))]:
        del os.environ[name]
    own = {"WORKROOM_HOME": str(home), "EMAIL_URL": "dummymail://", "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ |= own | given


@contextmanager
def running(home: Path) -> Iterator[Installation]:
    """The installation in `home` until the end of the block; raises SystemExit with its words if it does not start."""
    port = free_port()
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    started = Installation(home, port, process)
    threading.Thread(target=started.listen, daemon=True).start()
    try:
        if not started.ready.wait(READY_SECONDS):
            raise SystemExit("the installation did not start:\n" + "\n".join(started.said[-20:]))
        yield started
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def receiving(record: Path, slowest: float) -> Iterator[str]:
    """The address of a receiver process that takes up to `slowest` seconds to answer, until the end of the block."""
    command = [sys.executable, "-u", "-m", "tests.live.receiver", "0", str(record), str(slowest)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
