"""Every benchmark, one after the other, each in a process of its own: `make bench [CLAIMS=DIR]`."""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil

OWN_ENVIRONMENT = {"benchmarks.agentdojo_authority": Path(".venv/agentdojo/bin/python")}


def parts(claims: Path | None) -> list[list[str]]:
    """Return the modules to run, with arguments; `claims` is a folder of extracts, None the made-up book."""
    folder = [str(claims.resolve())] if claims else []
    return [
        ["benchmarks.ledger_verify", "1000000"],
        ["benchmarks.ledger_append"],
        ["benchmarks.fraud", *folder],
        ["benchmarks.installed", "benchmarks.batch", *folder],
        ["benchmarks.agentdojo_authority"],
        ["benchmarks.decide"],
        ["benchmarks.installed", "benchmarks.decide_live"],
        ["benchmarks.patterns"],
        ["benchmarks.turns"],
        ["pytest", "-q", "-s", "tests/live/test_shared_limits.py"],
        ["benchmarks.chaos"],
        ["benchmarks.mast"],
    ]


def main() -> int:
    """Say on what machine, run every part, and return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--claims", type=Path, help="folder with auto_policies.csv, auto_claims.csv, auto_labels.csv")
    claims = parser.parse_args().claims
    if claims and not claims.is_dir():
        parser.error(f"CLAIMS: {claims} is not a folder")
    memory = psutil.virtual_memory().total / 2**30
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}")
    failed = False
    for module, *arguments in parts(claims):
        print(f"\n== {' '.join([module, *arguments])}", flush=True)
        python = str(OWN_ENVIRONMENT.get(module, sys.executable))
        failed |= subprocess.run([python, "-m", module, *arguments], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
