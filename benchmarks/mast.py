"""The detectors of failure modes on many traces, with a fresh seed: `python -m benchmarks.mast [TRACES OF A KIND]`."""

import os
import subprocess
import sys

TEST = "tests/mast/test_detectors.py::test_precision_and_recall_of_each_detector"


def main() -> int:
    """Print the table of precision and recall, and return pytest's exit code."""
    traces = sys.argv[1] if len(sys.argv) > 1 else "1000"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST]
    return subprocess.run(command, env=os.environ | {"MAST_TRACES": traces}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
