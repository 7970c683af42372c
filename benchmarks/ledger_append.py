"""How fast events are appended, beside plain INSERTs of the same payloads into a table without a chain.

python -m benchmarks.ledger_append [SECONDS]

Every figure is events a second over SECONDS (2), durable commits, on a PostgreSQL of its own. The writers are threads,
in one process a core, as workers are. *plain* is the least there is: one multi-row INSERT a commit, straight through
psycopg, in autocommit, into a table with the same columns and look-up indexes but without numbers, hashes or row-level
security. *unit* is the same INSERT in a unit of work, where the product writes. *chain* is the product's own door:
`unit_of_work`, `record`, commit. The three take turns, in ROUNDS, so that a busy machine is busy for all of them.
"""

import multiprocessing
import multiprocessing.synchronize
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.ledger_writers import PLAIN, WAYS
from config.embedded import Servers, start

ROOMS, WRITERS, SIZES, ROUNDS = (1, 64), (1, 8, 64), (1, 20), 3
PROCESSES = os.cpu_count() or 1
Rates = dict[tuple[str, int, int, int], float]


def main(seconds: float) -> None:
    """Start a database, run every combination, print a table and the ratios that count."""
    with tempfile.TemporaryDirectory(prefix="workroom-bench-") as home:
        servers = start(Path(home))
        try:
            measure(servers, home, seconds)
        finally:
            servers.stop()


def measure(servers: Servers, home: str, seconds: float) -> None:
    """Run every combination against `servers`."""
    os.environ |= {
        "DATABASE_URL": servers.database_url,
        "DATABASE_APP_URL": servers.app_url,
        "REDIS_URL": servers.redis_url,
        "WORKROOM_HOME": home,
        "DATABASE_POOL": "40",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"]
    subprocess.run(migrate, check=True)
    with psycopg.connect(servers.database_url, autocommit=True) as owner:
        owner.execute(PLAIN)
    rates: Rates = {}
    print(
        f"{'rooms':>6}{'writers':>9}{'k':>4}{'plain/s':>10}{'unit/s':>10}{'chain/s':>10}{'of plain':>10}{'of unit':>9}"
    )
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, spawn, initializer=prepare, initargs=(together,)) as processes:
        organization, rooms = processes.submit(set_up, max(ROOMS)).result()
        for count in ROOMS:
            for writers in WRITERS:
                for size in SIZES:
                    task = (organization, rooms[:count], size, seconds / ROUNDS)
                    found = dict.fromkeys(WAYS, 0.0)
                    for how in [*WAYS] * ROUNDS:
                        found[how] += rate(processes, writers, (how, *task)) / ROUNDS
                    rates |= {(how, count, writers, size): each for how, each in found.items()}
                    plain, unit, chain = found.values()
                    print(f"{count:>10}{writers:>10}{size:>10}{plain:>10,.0f}{unit:>10,.0f}{chain:>10,.0f}", end="")
                    print(f"{chain / plain:>10.2f}{chain / unit:>10.2f}", flush=True)
    conclude(rates)


def conclude(rates: Rates) -> None:
    """Print the two ratios that have a goal, from the best number of writers on each side."""

    def best(how: str, rooms: int, size: int) -> float:
        return max(rates[how, rooms, writers, size] for writers in WRITERS)

    for rooms in ROOMS:
        for how in reversed(WAYS):
            goal = " (goal 8)" if (how, rooms) == ("chain", 1) else ""
            print(f"{how}, rooms {rooms}: k=20 is {best(how, rooms, 20) / best(how, rooms, 1):.1f} × k=1{goal}")
    for size in SIZES:
        chain, plain, unit = (best(how, max(ROOMS), size) for how in ("chain", "plain", "unit"))
        print(
            f"{max(ROOMS)} rooms, k={size}: chain is {chain / plain:.2f} × plain (goal 0.5), {chain / unit:.2f} × unit"
        )


def rate(processes: ProcessPoolExecutor, writers: int, task: tuple[Any, ...]) -> float:
    """Events a second of `writers` threads, spread over the processes."""
    shares = [writers // PROCESSES + (place < writers % PROCESSES) for place in range(PROCESSES)]
    running = [processes.submit(write, share, place, *task) for place, share in enumerate(shares)]
    done = [each.result() for each in running]
    return sum(count for count, _, _ in done) / (max(end for *_, end in done) - min(begin for _, begin, _ in done))


started: list[multiprocessing.synchronize.Barrier] = []


def prepare(barrier: multiprocessing.synchronize.Barrier) -> None:
    """Set a process up, which starts its clock with all others at `barrier`."""
    import django

    django.setup()
    started.append(barrier)


def set_up(rooms: int) -> tuple[UUID, list[UUID]]:
    """Make an organization with `rooms` ledgers."""
    from accounts.actions.organizations import create_organization
    from accounts.models import Ledger, User
    from accounts.tenancy import unit_of_work

    owner = User.objects.create_user("alice@example.test", name="Alice")
    organization = create_organization(owner=owner, name="Harbor", slug="harbor")
    with unit_of_work(organization):
        made = [Ledger.objects.create(organization=organization).id for _ in range(rooms)]
    return organization.id, made


def write(
    threads: int, place: int, how: str, organization: UUID, rooms: list[UUID], size: int, seconds: float
) -> tuple[int, float, float]:
    """Let `threads` write `size` events a commit for `seconds`; return how many, begin and end."""
    warm = threading.Barrier(threads + 1)

    def loop(number: int) -> int:
        commit, close = WAYS[how](organization, rooms[(number * PROCESSES + place) % len(rooms)], size)
        for _ in range(4):
            commit()
        warm.wait()
        warm.wait()
        count, until = 0, time.time() + seconds
        while time.time() < until:
            commit()
            count += size
        close()
        return count

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        running = [pool.submit(loop, number) for number in range(threads)]
        warm.wait()
        started[0].wait()
        warm.wait()
        begin = time.time()
        return sum(each.result() for each in running), begin, time.time()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
