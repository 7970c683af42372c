"""`manage.py up`: the whole installation in one terminal."""

import os
import signal
import threading
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import sign_ins, stages
from config.child import Child, Unusable
from config.environment import forget_addresses, keep_addresses, trusted_with_model
from config.heartbeat import forget_worker
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
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        home: Path = settings.WORKROOM_HOME
        try:
            home_directory(home)
            with sole_supervisor(home):
                self._check(host, port, demo=not no_demo)
                self._run(home, host, port, demo=not no_demo)
        except Unusable as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            self._say("Stopped", "all processes; the data stays in " + str(home))

    def _check(self, host: str, port: int, demo: bool) -> None:
        if not 0 < port < 65536:
            raise Unusable(f"PORT: {port} is not a number from 1 to 65535")
        if demo and not settings.WORKROOM_DEMO_PASSWORD:
            sign_ins.refuse_public_passwords(host)
        stages.check_port(host, port)

    def _run(self, home: Path, host: str, port: int, *, demo: bool) -> None:
        addresses, servers = stages.start_servers(home, os.environ)
        serving: list[Child] = []
        try:
            keep_addresses(home, addresses)
            self._say("Servers", ", ".join(server.name for server in servers) or "those that are given")
            environment = os.environ | addresses | {"HOST": host, "PORT": str(port), "WORKROOM_HOME": str(home)}
            environment["WORKROOM_TRUSTED_HOSTS"] = trusted_with_model(os.environ)
            self._prepare(home, environment, demo)
            if sign_ins.public_passwords(addresses["DATABASE_URL"]):
                sign_ins.refuse_public_passwords(host)
            environment.setdefault("DATABASE_POOL", str(stages.pool_size(addresses["DATABASE_URL"])))
            serving += stages.processes(home, environment, host, port)
            self._serve(serving, addresses["REDIS_URL"], host, port)
            url = f"{settings.PUBLIC_URL}/" if "PUBLIC_URL" in os.environ else stages.address(host, port)
            self.stdout.write(f"Workroom ready: {url}")
            self.stdout.write(sign_ins.after_ready(addresses["DATABASE_URL"], url))
            self.stdout.flush()
            watch([*servers, *serving], threading.Event(), lambda text: self._say("Restart", text))
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            stop_all([serving, servers], STOP_SECONDS)
            forget_addresses(home)

    def _prepare(self, home: Path, environment: dict[str, str], demo: bool) -> None:
        if not stages.is_migrated(environment["DATABASE_URL"], environment["DATABASE_APP_URL"]):
            stages.manage(home, environment, "migrate", "--database", "owner", "--verbosity", "0", "--no-input")
        self._say("Migrations", "the database is up to date")
        call_command("build_assets", stdout=StringIO())
        self._say("Assets", "fonts and icons are in place")
        if demo and stages.seed_where_empty(home, environment):
            self._say("Demo", "people, claims and two runs are in place")

    def _serve(self, serving: list[Child], broker_url: str, host: str, port: int) -> None:
        *first, clock = serving
        workers = [child for child in first if child.name.startswith("worker")]
        for worker in workers:
            forget_worker(broker_url, stages.node_name(worker.name))
        for child in first:
            child.start()
        stages.wait_for_web(first[0], host, port)
        stages.wait_for_workers(workers, broker_url)
        clock.start()
        self._say("Processes", f"web, {len(workers)} worker{'s' if len(workers) > 1 else ''}, clock")

    def _say(self, stage: str, text: str) -> None:
        self.stdout.write(f"{stage:<12}{text}")
        self.stdout.flush()
