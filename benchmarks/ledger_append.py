"""How fast events are appended, beside plain INSERTs of the same payloads into a table without a chain.

python -m benchmarks.ledger_append [SECONDS]

Every figure is events a second over SECONDS (2), durable commits, on a PostgreSQL of its own. The writers are threads,
in one process a core, as workers are. *chain* is the product's own door: `unit_of_work`, `record`, commit. *plain* is
the least there is: one multi-row INSERT a commit, straight through psycopg, in autocommit, into a table with the same
columns and look-up indexes but without numbers, hashes or row-level security.
"""

import json
import multiprocessing
import multiprocessing.synchronize
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import uuid_utils.compat as uuids

from benchmarks.ledger_verify import PAYLOAD
from config.embedded import Servers, start

ROOMS, WRITERS, SIZES = (1, 64), (1, 8, 64), (1, 20)
PROCESSES = os.cpu_count() or 1
COLUMNS = (
    *("id", "organization_id", "ledger_id", "at", "actor", "on_behalf_of"),
    *("kind", "object", "run", "turn", "decision", "payload"),
)
PLAIN = f"""
CREATE TABLE plain AS SELECT {", ".join(COLUMNS)} FROM accounts_event WITH NO DATA;
ALTER TABLE plain ADD PRIMARY KEY (id);
CREATE INDEX ON plain (ledger_id, kind, at);
CREATE INDEX ON plain (ledger_id, run, at);
GRANT INSERT ON plain TO workroom_app;
"""


def main(seconds: float) -> None:
    """Start a database, run every combination, print a table and the two ratios that count."""
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
    rates: dict[tuple[str, int, int, int], float] = {}
    print(f"{'rooms':>6}{'writers':>9}{'k':>4}{'plain/s':>12}{'chain/s':>12}{'chain/plain':>13}")
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, spawn, initializer=prepare, initargs=(together,)) as processes:
        organization, rooms = processes.submit(set_up, max(ROOMS)).result()
        for count in ROOMS:
            for writers in WRITERS:
                for size in SIZES:
                    for how in ("plain", "chain"):
                        task = (how, organization, rooms[:count], size, seconds)
                        rates[how, count, writers, size] = rate(processes, writers, task)
                    plain, chain = (rates[how, count, writers, size] for how in ("plain", "chain"))
                    print(f"{count:>6}{writers:>9}{size:>4}{plain:>12,.0f}{chain:>12,.0f}{chain / plain:>13.2f}")
    for count in ROOMS:
        for how in ("chain", "plain"):
            best = {size: max(rates[how, count, writers, size] for writers in WRITERS) for size in SIZES}
            print(f"{how}, {count} rooms: k=20 is {best[20] / best[1]:.1f} × k=1" + (" (goal 8)" * (how == "chain")))
    for size in SIZES:
        chain, plain = (max(rates[how, max(ROOMS), writers, size] for writers in WRITERS) for how in ("chain", "plain"))
        print(f"{max(ROOMS)} rooms, k={size}: chain is {chain / plain:.2f} × plain (goal 0.5)")


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
    from django.db import connections

    one = plain_writer if how == "plain" else chain_writer
    warm = threading.Barrier(threads + 1)

    def loop(number: int) -> int:
        commit, close = one(organization, rooms[(number * PROCESSES + place) % len(rooms)], size)
        commit()
        warm.wait()
        warm.wait()
        count, until = 0, time.time() + seconds
        while time.time() < until:
            commit()
            count += size
        close()
        connections.close_all()
        return count

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        running = [pool.submit(loop, number) for number in range(threads)]
        warm.wait()
        started[0].wait()
        warm.wait()
        begin = time.time()
        return sum(each.result() for each in running), begin, time.time()


def chain_writer(organization: UUID, room: UUID, size: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """One commit through the ledger's own door."""
    from accounts.ledger.record import record
    from accounts.models import User
    from accounts.tenancy import unit_of_work

    agent, person = User(kind=User.Kind.AGENT), User()
    identity = uuids.uuid7()
    rest: dict[str, Any] = dict.fromkeys(("run", "turn", "decision"), identity)
    rest |= {"on_behalf_of": person, "payload": PAYLOAD}

    def commit() -> None:
        with unit_of_work(organization):
            for _ in range(size):
                record("tool.called", actor=agent, ledger=room, object=f"source:{identity}", **rest)

    return commit, lambda: None


def plain_writer(organization: UUID, room: UUID, size: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """One commit of one INSERT."""
    connection = psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True)
    row = f"(%s,%s,%s,now(),{','.join(['%s'] * (len(COLUMNS) - 4))})"
    statement = f"INSERT INTO plain ({', '.join(COLUMNS)}) VALUES {', '.join([row] * size)}"
    identity = uuids.uuid7()
    names = (f"agent:{identity}", f"person:{identity}", "tool.called", f"source:{identity}")

    def commit() -> None:
        values: list[Any] = []
        for _ in range(size):
            values += [uuids.uuid7(), organization, room, *names, identity, identity, identity, json.dumps(PAYLOAD)]
        connection.execute(statement, values)

    return commit, connection.close


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
