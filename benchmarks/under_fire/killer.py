"""Kills at random: `kill -9` of processes, connections of the database ended, the database server itself."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil
import psycopg

from benchmarks.under_fire.installation import Installation
from config.supervisor import SHORT_LIFE_SECONDS

WEIGHTS = {"worker": 40, "web": 12, "beat": 6, "Valkey": 12, "connections": 24, "PostgreSQL": 6}
PAUSE_SECONDS = (0.2, 2.2)
SHARE_OF_YOUNG = 0.1
PATIENCE_SECONDS = 15.0
WORK = """
SELECT count(*) FROM orchestration_turn WHERE state = 'claimed' AND user_id IS NOT NULL AND lease_until > now()
"""
CONNECTIONS = "SELECT pid FROM pg_stat_activity WHERE usename = 'workroom_app'"


@dataclass
class Killer:
    """Kills `wanted` times; `killed` counts by kind, `at_work` how many turns were held at those moments."""

    installation: Installation
    wanted: int
    seed: int
    killed: Counter[str] = field(default_factory=Counter)
    at_work: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def count(self) -> int:
        return self.killed.total()

    def run(self) -> None:
        """Kill until enough were killed."""
        chance = random.Random(self.seed)
        while self.count < self.wanted and not self.over.is_set():
            time.sleep(chance.uniform(*PAUSE_SECONDS))
            youngest = 0.0 if chance.random() < SHARE_OF_YOUNG else SHORT_LIFE_SECONDS
            victims = {kind: self._living(kind, youngest) for kind in WEIGHTS}
            kinds = [kind for kind, living in victims.items() if living or kind == "connections"]
            (kind,) = chance.choices(kinds, [WEIGHTS[kind] for kind in kinds])
            held = self._work_at_hand()
            if (
                self._end_connections(chance)
                if kind == "connections"
                else self._kill(kind, chance.choice(victims[kind]))
            ):
                self.killed[kind] += 1
                self.at_work += held

    def _living(self, kind: str, youngest: float) -> list[psutil.Process]:
        """Return the processes of a kind that have lived for so many seconds: one just started has no work to lose."""
        born = time.time() - youngest
        return [process for process in self.installation.children(kind) if process.create_time() < born]

    def _kill(self, kind: str, victim: psutil.Process) -> bool:
        try:
            family = victim.children(recursive=True) if kind in ("web", "worker", "beat") else []
            for process in (victim, *family):
                process.kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def _end_connections(self, chance: random.Random) -> bool:
        """End some of the application's connections, whatever they are in the middle of."""
        try:
            with psycopg.connect(self.installation.superuser_url, autocommit=True, connect_timeout=2) as connection:
                held = [row[0] for row in connection.execute(CONNECTIONS)]
                ended = chance.sample(held, k=min(len(held), chance.randint(1, 8)))
                for pid in ended:
                    connection.execute("SELECT pg_terminate_backend(%s)", [pid])
                return bool(ended)
        except psycopg.OperationalError:
            return False

    def _work_at_hand(self) -> int:
        """Return how many turns are held, at the first moment within `PATIENCE_SECONDS` at which there are any."""
        until = time.monotonic() + PATIENCE_SECONDS
        try:
            with psycopg.connect(self.installation.superuser_url, autocommit=True, connect_timeout=2) as connection:
                while True:
                    held = int((connection.execute(WORK).fetchone() or (0,))[0])
                    if held or time.monotonic() > until:
                        return held
                    time.sleep(0.05)
        except psycopg.OperationalError:
            return 0
