"""Runs of all five patterns while everything beneath them is killed: what is lost, done twice or left hanging?

python -m benchmarks.chaos [--runs 500] [--kills 200] [--seed N] [--keep DIRECTORY]

Starts `manage.py up` with a database of its own, two people who decide, a scripted model and a receiver that nobody
kills, and kills at random: web, workers, clock, Valkey, connections of the database, the database. Prints what was
done and what came of it; exits 1 if anything is wrong.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from benchmarks.under_fire.errands import ERRANDS
from benchmarks.under_fire.installation import Installation, receiving, running, settle_in
from benchmarks.under_fire.killer import Killer
from benchmarks.under_fire.model import answering
from benchmarks.under_fire.people import Desk, decide_until_over, start_errand
from tests.live.scripted_openai import ScriptedOpenAI

LEASE_SECONDS = 4
DECIDERS = 3
STARTERS = 3
SETTLE_SECONDS = 240
SLOWEST_RECEIVER = 0.4
MOST_UNDER_WAY = 40


def main() -> int:
    """Read the arguments, burn, and return 1 if something that must hold does not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos")
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path, help="an empty directory for the installation, to look at afterwards")
    asked = parser.parse_args()
    print(f"{asked.runs} runs, {asked.kills} kills, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="workroom-chaos-") as place:
        home = asked.keep.resolve() if asked.keep else Path(place) / "home"
        record = Path(place) / "received.jsonl"
        with ScriptedOpenAI(answering(random.Random(asked.seed))) as model, receiving(record, SLOWEST_RECEIVER) as url:
            environment = {
                "WORKROOM_TRUSTED_HOSTS": urlsplit(url).netloc, "WORKROOM_TURN_LEASE_SECONDS": str(LEASE_SECONDS),
                "WORKROOM_MODEL_URL": model.url, "WORKROOM_MODEL_NAME": "scripted", "WORKROOM_MODEL_PRICE": "1/2",
            }  # fmt: skip
            settle_in(home, **environment)
            with running(home) as installation:
                return burn(installation, record, url, asked)


def burn(installation: Installation, record: Path, target: str, asked: argparse.Namespace) -> int:
    """Furnish, start and decide under fire, let it settle, and look at what is left."""
    import django

    django.setup()
    from django.db import connections

    from benchmarks.under_fire.office import furnish
    from benchmarks.under_fire.report import report

    office = furnish(target)
    connections.close_all()
    desk = Desk(installation.url, office.tokens, office.rooms, record)
    killer = Killer(installation, asked.kills, asked.seed)
    began = time.monotonic()
    deciders = [threading.Thread(target=decide_until_over, args=(desk, asked.seed + n)) for n in range(DECIDERS)]
    killing = threading.Thread(target=killer.run)
    for thread in (killing, *deciders):
        thread.start()
    try:
        start_all(desk, killer, asked)
        killing.join()
        burned = time.monotonic() - began
        settle(desk, asked.runs)
    finally:
        killer.over.set()
        desk.over.set()
        for thread in (killing, *deciders):
            thread.join()
    took = (burned, time.monotonic() - began - burned)
    return report(installation, desk, killer, UUID(office.organization), took)


def start_all(desk: Desk, killer: Killer, asked: argparse.Namespace) -> None:
    """Start runs of every kind as fast as the kills go, so that neither is over long before the other."""
    chance = random.Random(asked.seed)
    kinds = list(ERRANDS)
    numbers = iter([(number, kinds[number % len(kinds)], chance.choice(list(desk.rooms)), chance.randrange(1000))
                    for number in range(asked.runs)])  # fmt: skip
    lock = threading.Lock()

    def start() -> None:
        ed = desk.person("ed")
        while True:
            with lock:
                errand = next(numbers, None)
            if errand is None:
                break
            while killer.count * asked.runs < (errand[0] - MOST_UNDER_WAY) * asked.kills:
                time.sleep(0.1)
            start_errand(desk, ed, *errand)
        with desk.said.lock:
            desk.said.broken += ed.broken

    starters = [threading.Thread(target=start) for _ in range(STARTERS)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()


def settle(desk: Desk, runs: int) -> None:
    """Return when every run has ended, or when none did for `SETTLE_SECONDS`."""
    olga = desk.person("olga")
    until, before = time.monotonic() + SETTLE_SECONDS, -1
    while time.monotonic() < until:
        try:
            ended = sum(olga.call("GET", path)[1]["total"] for path in ended_runs(desk))
        except TimeoutError as silence:
            desk.said.wrong.append(str(silence))
            return
        if ended >= runs:
            return
        if ended > before:
            until, before = time.monotonic() + SETTLE_SECONDS, ended
        time.sleep(1.0)


def ended_runs(desk: Desk) -> list[str]:
    """Return the addresses of the runs that are over."""
    states = ("finished", "failed", "stopped")
    return [f"/workrooms/{room}/runs?state={state}&limit=1" for room in desk.rooms.values() for state in states]


if __name__ == "__main__":
    sys.exit(main())
