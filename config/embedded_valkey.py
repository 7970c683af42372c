"""Valkey from the wheel's program, with its data in the installation's home."""

import signal
from dataclasses import dataclass
from pathlib import Path

import redis

from config.child import Child, end_leftovers
from config.installation import installation_secret
from config.server_files import free_port, private_directory, server_account, valkey_program

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""


@dataclass(frozen=True, repr=False)
class Valkey:
    """A running Valkey: its process and its address."""

    child: Child
    url: str


def start_valkey(home: Path) -> Valkey:
    """Start Valkey on `home`/valkey, its hints kept in an append-only file; raise Unusable if that cannot be.

    The caller holds the installation's lock. The configuration is read from standard input, so that the password is in
    no command line and the server needs no path above its own directory.
    """
    place = home / "valkey"
    account = server_account(place)
    private_directory(place, account)
    end_leftovers(place, "valkey", signal.SIGTERM)
    password = installation_secret(home / "servers", "valkey")
    port = free_port()
    child = Child(
        name="Valkey",
        command=[valkey_program(), "-"],
        directory=place,
        log=home / "logs/valkey.log",
        account=account,
        first_words=CONFIGURATION.format(port=port, password=password).encode(),
        death=signal.SIGTERM,
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    child.start()
    try:
        child.wait_until(lambda: _answers(url), seconds=60)
    except BaseException:
        child.stop()
        raise
    return Valkey(child, url)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.BusyLoadingError):
        return False
