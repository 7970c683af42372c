"""The four shapes that both sides run, and how one measured case is asked for and answered."""

import json
import os
import sys
from dataclasses import asdict, dataclass

ADDRESS, DURABILITY = "BENCH_DATABASE_URL", "BENCH_DURABILITY"
TURNS = {"sequential-5": 5, "concurrent-5": 5, "group-chat-10": 10, "handoff-3": 3}


@dataclass(frozen=True, slots=True)
class Case:
    """So many runs of a shape, `together` of them at once, carried by so many processes with `together / processes`
    threads each."""

    shape: str
    runs: int
    together: int
    processes: int

    @property
    def threads(self) -> int:
        return max(1, self.together // self.processes)

    @property
    def turns(self) -> int:
        return self.runs * TURNS[self.shape]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a case took: wall and CPU seconds, write transactions, and milliseconds between the turns of a run."""

    seconds: float
    python_seconds: float
    database_seconds: float
    transactions: int
    p50: float
    p99: float


def asked() -> tuple[str, int, Case]:
    """Read the database's address, its server's process id and the case from environment and command line."""
    postmaster, shape, *numbers = sys.argv[1:]
    return os.environ[ADDRESS], int(postmaster), Case(shape, *map(int, numbers))


def tell(measured: Measured) -> None:
    """Answer on the last line of standard output."""
    print(json.dumps(asdict(measured)), flush=True)
