"""The properties of the five patterns, held to 50,000 games each: `python -m benchmarks.patterns [GAMES]`."""

import os
import re
import subprocess
import sys
import time

NAMES = ["test_patterns", *(f"test_pattern_{name}" for name in ("concurrent", "group_chat", "handoff", "manager"))]
PLAYED = re.compile(
    r"::(test_\w+):\n+  - during generate phase \((?P<seconds>[\d.]+) seconds\):\n"
    r"(?:    .*\n)*?    - (?P<passing>\d+) passing, (?P<failing>\d+) failing"
)


def main() -> int:
    """Play, print a line for each property, and return 1 if one broke or played fewer games than asked."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    files = [f"tests/orchestration/{name}.py" for name in NAMES]
    options = ["-q", "-p", "no:cacheprovider", "-m", "hypothesis", "--hypothesis-show-statistics"]
    started = time.monotonic()
    played = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        env=os.environ | {"PATTERN_EXAMPLES": str(games)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    found = list(PLAYED.finditer(played.stdout))
    print(f"{'property':58} {'games':>8} {'broken':>7} {'seconds':>8}")
    for one in found:
        name = one[1].removeprefix("test_").replace("_", " ")
        print(f"{name:58} {int(one['passing']):8,} {one['failing']:>7} {float(one['seconds']):8,.0f}")
    print(f"{len(found)} properties in {time.monotonic() - started:,.0f} s")
    kept = played.returncode == 0 and found and all(int(one["passing"]) >= games for one in found)
    if not kept:
        print(played.stdout[-4_000:], played.stderr[-2_000:])
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
