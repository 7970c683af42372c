"""Carrying the runs of a case in several processes, and measuring all of them together."""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import psutil
import psycopg

from benchmarks.turns.shapes import Case, Measured

# Carries one run; returns the moments (time.perf_counter) at which its turns were taken, and at last its end.
Carry = Callable[[str], Sequence[float]]
Prepare = Callable[[str], Carry]
# What a carrying process answers with: its CPU seconds, and the milliseconds between turns.
Share = tuple[float, list[float]]


def measure(url: str, postmaster: int, case: Case, runs: Sequence[str], prepare: Prepare) -> Measured:
    """Carry `runs`, whose ids are dealt out over the case's processes, and say what it took.

    `prepare(url)` is called once in each process, before the clock starts, and must be importable; each process carries
    its first `warming(case)` runs before it, too.
    """
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(case.processes + 1), context.Barrier(case.processes + 1)
    answers: Queue[Share] = context.Queue()
    for number in range(case.processes):
        own = runs[number :: case.processes]
        context.Process(target=_carrier, args=(url, case, own, prepare, ready, done, answers)).start()
    with psycopg.connect(url, autocommit=True) as connection:
        ready.wait()
        before, transactions, started = _database_seconds(postmaster), _transactions(connection), time.perf_counter()
        shares = [answers.get() for _ in range(case.processes)]
        seconds = time.perf_counter() - started
        after, written = _database_seconds(postmaster), _transactions(connection) - transactions
        done.wait()
    gaps = [gap for _, gaps in shares for gap in gaps]
    cpu = sum(share for share, _ in shares)
    return Measured(seconds, cpu, after - before, written, statistics.median(gaps), _percentile(gaps, 99))


def warming(case: Case) -> int:
    """How many runs each process carries before the clock starts: one a thread, and one more."""
    return case.threads + 1


def _carrier(
    url: str,
    case: Case,
    runs: Sequence[str],
    prepare: Prepare,
    ready: Barrier,
    done: Barrier,
    answers: "Queue[Share]",
) -> None:
    """One process: its threads carry a run each, until none is left. The database's backends outlive the clock."""
    carry = prepare(url)
    warm = warming(case)
    with ThreadPoolExecutor(case.threads) as pool:
        list(pool.map(carry, runs[:warm]))
        ready.wait()
        before = time.process_time()
        taken = list(pool.map(carry, runs[warm:]))
        spent = time.process_time() - before
        answers.put((spent, [1000 * (b - a) for times in taken for a, b in pairwise(times)]))
        done.wait()


def _database_seconds(postmaster: int) -> float:
    server = psutil.Process(postmaster)
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _transactions(connection: psycopg.Connection) -> int:
    """Transactions that wrote something: only those are given a number."""
    row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    return int(row[0]) if row else 0


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
