"""`manage.py run_batch ROOM TEAM FILE.csv`: one run a row, carried here by threads, and by workers if there are any."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.errors import Problem
from accounts.tenancy import unit_of_work
from config.batch_report import progress, report
from config.named_rooms import owner_of, room_named
from orchestration.actions.batches import open_batch, start_rows
from orchestration.carrying import RESTING, carry
from orchestration.incoming.csv_rows import Row, read_rows
from orchestration.models import Batch, Run, Team
from orchestration.policies import access_team
from workrooms.models import Workroom

STARTED_TOGETHER = 25


class Command(BaseCommand):
    """Start what is missing, carry what is open, and print a table."""

    help = "Starts one run a row of a CSV, as the room's owner. Called again, it goes on where it ended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """ROOM is ORGANIZATION/ROOM."""
        parser.add_argument("room", help="ORGANIZATION/ROOM, for example harbor/auto-claims")
        parser.add_argument("team", help="the team's short name")
        parser.add_argument("file", type=Path, help="a CSV file with a header")
        parser.add_argument("--limit", type=int, default=None, help="only the first N rows")
        parser.add_argument("--concurrency", type=int, default=4, help="runs at the same time (default 4)")

    def handle(
        self, *args: Any, room: str, team: str, file: Path, limit: int | None, concurrency: int, **options: Any
    ) -> None:
        """Raise CommandError, with nothing started, for a room, team or file that cannot be used."""
        if concurrency < 1 or (limit is not None and limit < 1):
            raise CommandError("--limit and --concurrency are whole numbers from 1.")
        found = room_named(room)
        try:
            rows = read_rows(file.name, file.read_bytes())
            batch = self._start(found, team, file.name, rows, min(limit or len(rows), len(rows)))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        except Problem as problem:
            told = [f"  {where}: {message}" for where, message in problem.errors]
            raise CommandError("\n".join([problem.detail, *told])) from None
        began, before = time.monotonic(), self._resting(found, batch)
        try:
            self._carry(found, batch, concurrency)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. The same command goes on where this one ended.")
        with unit_of_work(found.organization):
            self.stdout.write(report(batch, self._resting(found, batch) - before, time.monotonic() - began))

    def _start(self, room: Workroom, slug: str, name: str, rows: list[Row], upto: int) -> Batch:
        with unit_of_work(room.organization):
            actor = owner_of(room)
            team: Team = access_team(actor, room, slug, "start_run")
            batch = open_batch(room, actor=actor, team=team, name=name, rows=rows)
        start = partial(start_rows, batch, actor=actor, team=team, rows=rows, upto=upto, most=STARTED_TOGETHER)
        started = STARTED_TOGETHER
        while started == STARTED_TOGETHER:
            with unit_of_work(room.organization):
                started = len(start())
        return batch

    def _carry(self, room: Workroom, batch: Batch, concurrency: int) -> None:
        with unit_of_work(room.organization):
            runs = Run.objects.filter(batch=batch, parent=None)
            total = runs.count()
            open_runs = list(runs.exclude(state__in=RESTING).order_by("number").values_list("id", flat=True))
        done, began = total - len(open_runs), time.monotonic()
        waiting: Iterator[UUID] = iter(open_runs)
        with ThreadPoolExecutor(concurrency) as pool:
            under_way: set[Future[None]] = set()
            try:
                while under_way or done < total:
                    fresh = islice(waiting, concurrency - len(under_way))
                    under_way |= {pool.submit(_carried, room.organization_id, run_id) for run_id in fresh}
                    if not under_way:
                        break
                    finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    done += len(finished)
                    progress(self.stderr, done, total, len(open_runs) - (total - done), time.monotonic() - began)
            except KeyboardInterrupt:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _resting(self, room: Workroom, batch: Batch) -> int:
        with unit_of_work(room.organization):
            return int(Run.objects.filter(batch=batch, parent=None, state__in=RESTING).count())


def _carried(organization_id: UUID, run_id: UUID) -> None:
    try:
        carry(organization_id, run_id)
    finally:
        connections.close_all()
