"""The properties of the five patterns, held to 50,000 games each: `python -m benchmarks.patterns [GAMES]`."""

import os
import subprocess
import sys
import time

FILES = ["test_patterns", *(f"test_pattern_{name}" for name in ("concurrent", "group_chat", "handoff", "manager"))]
PROPERTIES = "ends or end or answer_that"


def main() -> int:
    """Play, and return pytest's exit code."""
    games = sys.argv[1] if len(sys.argv) > 1 else "50000"
    files = [f"tests/orchestration/{name}.py" for name in FILES]
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", PROPERTIES, *files]
    code = subprocess.run(command, env=os.environ | {"PATTERN_EXAMPLES": games}, check=False).returncode
    print(f"{int(games):,} games for each property in {time.monotonic() - started:,.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
