"""`manage.py up`: the whole installation in one terminal."""

import os
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import stages
from config.child import Child, Unusable
from config.environment import forget_addresses, keep_addresses
from config.server_files import home_directory
from config.supervisor import sole_supervisor, stop_all, watch

STOP_SECONDS = 10


class Command(BaseCommand):
    """Start servers, migrations, assets, demo, web, workers and clock; keep them running until SIGINT or SIGTERM."""

    help = "Starts everything and keeps it running; Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--port` and `--host` go before PORT and HOST."""
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--no-demo", action="store_true", help="no demo data; prints a link for the first owner")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, **options: Any) -> None:
        """Run until stopped; a setting that cannot be used ends the start with its name and what is wrong."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        home: Path = settings.WORKROOM_HOME
        try:
            home_directory(home)
            with sole_supervisor(home):
                self._check(host, port, no_demo)
                self._run(home, host, port, demo=not no_demo)
        except Unusable as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            self._say("Stopped", "all processes; the data stays in " + str(home))

    def _check(self, host: str, port: int, no_demo: bool) -> None:
        if not 0 < port < 65536:
            raise Unusable(f"PORT: {port} is not a number from 1 to 65535")
        if host not in stages.LOOPBACK and not no_demo and not settings.WORKROOM_DEMO_PASSWORD:
            reason = f"other machines can reach {host}, and the passwords of the demo are public"
            raise Unusable(f"HOST: {reason}; use --no-demo, or set WORKROOM_DEMO_PASSWORD")
        stages.check_port(host, port)

    def _run(self, home: Path, host: str, port: int, *, demo: bool) -> None:
        addresses, servers = stages.start_servers(home, os.environ)
        serving: list[Child] = []
        try:
            keep_addresses(home, addresses)
            self._say("Servers", ", ".join(server.name for server in servers) or "those that are given")
            environment = os.environ | addresses | {"HOST": host, "PORT": str(port), "WORKROOM_HOME": str(home)}
            after = self._prepare(home, environment, addresses["DATABASE_URL"], demo)
            serving += stages.processes(home, environment, host, port)
            self._serve(serving, addresses["REDIS_URL"], host, port)
            self.stdout.write(f"Workroom ready: {shown_address(host, port)}\n{after}".rstrip())
            watch([*servers, *serving], threading.Event(), lambda text: self._say("Restart", text))
        finally:
            forget_addresses(home)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            stop_all([serving, servers], STOP_SECONDS)

    def _prepare(self, home: Path, environment: dict[str, str], owner_url: str, demo: bool) -> str:
        """Migrate, build what is missing and seed; return what is to be said after the ready line."""
        stages.manage(home, environment, "migrate", "--database", "owner", "--verbosity", "0", "--no-input")
        self._say("Migrations", "the database is up to date")
        stages.manage(home, environment, "build_assets")
        self._say("Assets", "fonts and icons are in place")
        said = ""
        if stages.is_empty(owner_url):
            said = stages.manage(home, environment, "seed_demo" if demo else "first_owner")
            self._say("Demo" if demo else "First owner", "made" if demo else "a link follows")
        return said

    def _serve(self, serving: list[Child], broker_url: str, host: str, port: int) -> None:
        for child in serving:
            child.start()
        stages.wait_for_web(serving[0], host, port)
        workers = [child for child in serving if child.name.startswith("worker")]
        stages.wait_for_workers(workers, broker_url)
        self._say("Processes", f"web, {len(workers)} worker{'s' if len(workers) > 1 else ''}, clock")

    def _say(self, stage: str, text: str) -> None:
        self.stdout.write(f"{stage:<12}{text}")
        self.stdout.flush()


def shown_address(host: str, port: int) -> str:
    """Return PUBLIC_URL where one is set, else where this machine's browser finds us."""
    return f"{settings.PUBLIC_URL}/" if os.environ.get("PUBLIC_URL") else stages.address(host, port)
