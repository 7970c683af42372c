"""Kills at random: `kill -9` of processes, connections of the database ended, the database server itself."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil
import psycopg

from benchmarks.under_fire.installation import Installation

WEIGHTS = {"worker": 40, "web": 12, "beat": 6, "Valkey": 12, "connections": 24, "PostgreSQL": 6}
PAUSE_SECONDS = (0.3, 3.0)
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
            (kind,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            held = self._held()
            if self._kill(kind, chance):
                self.killed[kind] += 1
                self.at_work += held

    def _kill(self, kind: str, chance: random.Random) -> bool:
        if kind == "connections":
            return self._end_connections(chance)
        living = self.installation.children(kind)
        if not living:
            return False
        victim = chance.choice(sorted(living, key=lambda process: process.pid))
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

    def _held(self) -> int:
        try:
            with psycopg.connect(self.installation.superuser_url, connect_timeout=2) as connection:
                return int((connection.execute(WORK).fetchone() or (0,))[0])
        except psycopg.OperationalError:
            return 0
