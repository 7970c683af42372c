"""Turns a second, milliseconds and CPU a turn, write transactions a turn: ours and LangGraph's, on one server.

python -m benchmarks.turns [RUNS]

Ours: engine, authority, timeline message, events in the ledger and budget included. LangGraph: PostgresSaver,
durability "sync", and for comparison "exit", which keeps nothing before a run is over. The brain takes no time on both
sides, so ours gathers the turns of a tenth of a second, and shows nobody any of them before all are committed.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import astuple, replace
from pathlib import Path

from benchmarks.turns.shapes import ADDRESS, DURABILITY, TURNS, Case, Measured
from config import stages
from config.embedded import Servers, start
from config.server_files import home_directory

PEER = Path(".venv/langgraph/bin/python")
OURS = "Workroom"
# The peer's sides, by how it keeps what it does.
PEERS = {"LangGraph": "sync", "LangGraph, exit": "exit"}
GOALS = {1: 1.5, 16: 3.0}
MOST_TRANSACTIONS = 1.5
COLUMNS = ("turns/s", "p50 ms", "p99 ms", "py ms", "pg ms", "tx")
HEAD = f"{'shape':<15}{'at once':>8}   {'side':<15}" + "".join(f"{name:>8}" for name in COLUMNS)


def run_case(servers: Servers, environment: dict[str, str], side: str, case: Case) -> Measured:
    """Have one side run one case in processes of its own."""
    ours = side == OURS
    python, module = (sys.executable, "workroom") if ours else (str(PEER), "beside")
    postgres = servers.children[0].process
    assert postgres is not None
    command = [python, "-m", f"benchmarks.turns.{module}", str(postgres.pid), *map(str, astuple(case))]
    environment = environment | {ADDRESS: servers.superuser_url, DURABILITY: PEERS.get(side, "")}
    answer = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Measured(**json.loads(answer.splitlines()[-1]))


def show(side: str, case: Case, measured: Measured) -> None:
    """Print one line of the table."""
    turns = case.turns
    print(
        f"{case.shape:<15}{f'{case.together} in {case.processes}':>8}   {side:<15}{turns / measured.seconds:>8,.0f}"
        f"{measured.p50:>8.2f}{measured.p99:>8.2f}{1000 * measured.python_seconds / turns:>8.2f}"
        f"{1000 * measured.database_seconds / turns:>8.2f}{measured.transactions / turns:>8.2f}",
        flush=True,
    )


def compare(servers: Servers, environment: dict[str, str], runs: int) -> bool:
    """Run every case on both sides, one after the other; True when every goal is met.

    The peer carries many runs in one process, as it comes, and in as many as we have. The goals are those beside a peer
    that keeps each step.
    """
    reached, most = True, os.cpu_count() or 1
    for shape in TURNS:
        for together, processes in ((1, [1]), (16, [1, most])):
            case = Case(shape, runs * min(together, 4), together, processes[-1])
            ours = run(servers, environment, OURS, case)
            few = ours.transactions / case.turns <= MOST_TRANSACTIONS
            for peer, number in [*(("LangGraph", number) for number in processes), ("LangGraph, exit", processes[-1])]:
                ratio = run(servers, environment, peer, replace(case, processes=number)).seconds / ours.seconds
                goal = GOALS[together] if peer == "LangGraph" else 0.0
                met = few and ratio >= goal
                said = f", goal {goal} ×{'' if met else ' — missed'}" if goal else ""
                print(f"{'':<26}{ratio:.2f} × {peer}{said}", flush=True)
                reached = reached and met
    return reached


def run(servers: Servers, environment: dict[str, str], side: str, case: Case) -> Measured:
    """Run one case on one side, and print its line."""
    measured = run_case(servers, environment, side, case)
    show(side, case, measured)
    return measured


def main() -> int:
    """Start the servers, print the table, return 1 when a goal is missed."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory(prefix="workroom-turns-") as place:
        home = Path(place) / "home"
        home_directory(home)
        servers = start(home)
        environment = os.environ | {
            "DATABASE_URL": servers.database_url,
            "DATABASE_APP_URL": servers.app_url,
            "REDIS_URL": servers.redis_url,
            "WORKROOM_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        try:
            stages.manage(home, environment, "migrate", "--database", "owner", "--verbosity", "0")
            print(HEAD)
            return int(not compare(servers, environment, runs))
        finally:
            servers.stop()


if __name__ == "__main__":
    sys.exit(main())
