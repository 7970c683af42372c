"""The servers of an installation that names none: real PostgreSQL and Valkey, started, owned and stopped by us."""

from dataclasses import dataclass
from pathlib import Path

from config.child import Child
from config.embedded_postgres import start_postgres
from config.embedded_valkey import start_valkey
from config.server_files import home_directory


@dataclass(frozen=True, repr=False)
class Servers:
    """Both servers, running, and the addresses of owner, restricted application role, broker and superuser."""

    database_url: str
    app_url: str
    redis_url: str
    superuser_url: str
    children: tuple[Child, ...]

    def stop(self) -> None:
        """Stop both servers cleanly."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()


def start(home: Path, *, durable: bool = True) -> Servers:
    """Start both servers with their data under `home`; raise Unusable, with nothing left running, if one cannot.

    Call it from the main thread: the servers end when that thread does. `durable=False` is for tests.
    """
    home_directory(home)
    postgres = start_postgres(home, durable=durable)
    try:
        valkey = start_valkey(home)
    except BaseException:
        postgres.child.stop()
        raise
    return Servers(
        postgres.owner_url, postgres.app_url, valkey.url, postgres.superuser_url, (postgres.child, valkey.child)
    )
