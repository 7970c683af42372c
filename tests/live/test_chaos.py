"""Sixty runs of all five patterns while web, workers, clock, Valkey and PostgreSQL are killed at random."""

import subprocess
import sys

from tests.live.workers import ROOT

RUNS, KILLS = 60, 20


def test_nothing_is_lost_repeated_or_left_hanging() -> None:
    command = [sys.executable, "-m", "benchmarks.chaos", "--runs", str(RUNS), "--kills", str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    table = {line[:52].strip(): line[52:].split()[0] for line in done.stdout.splitlines() if line[52:].strip()}
    assert (table["runs"], table["kills"], table["runs hanging"]) == (str(RUNS), str(KILLS), "0")
