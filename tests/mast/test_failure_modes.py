"""docs/failure-modes.md names tests and modules that exist."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from orchestration.failures.modes import DETECTORS, MODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/failure-modes.md").read_text()
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d\.\d [A-Z]", line)]
TEST = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")


def test_the_fourteen_modes_stand_in_order_with_their_names() -> None:
    assert [row[0].removeprefix("| ") for row in ROWS] == [f"{mode} {name}" for mode, name in MODES.items()]
    assert len(MODES) == 14


def test_each_row_has_a_mechanism_a_detector_or_why_none_and_tests() -> None:
    for mode, mechanism, detector, tests in ROWS:
        assert len(mechanism) > 40 and len(TEST.findall(tests)) >= 2, mode
        number = mode.removeprefix("| ").split()[0]
        if number in DETECTORS:
            assert f"`{DETECTORS[number].__module__}`" in detector, mode
        else:
            assert detector.startswith("none: "), mode


def test_every_module_that_is_named_is_there() -> None:
    names = set(re.findall(r"`(orchestration\.[\w.]+)`", PAGE))
    assert len(names) >= 8 and [name for name in names if find_spec(name) is None] == []


def test_every_test_that_is_named_is_collected() -> None:
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = {(file, test) for file, test in TEST.findall(PAGE)}
    missing = sorted({file for file, _ in named} - files.keys())
    assert missing == []
    asked = sorted({str(files[file].relative_to(ROOT)) for file, test in named if test})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *asked]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    collected = set(re.findall(r"(test_\w+\.py)::(test_\w+)", listed))
    assert sorted(one for one in named if one[1] and one not in collected) == []
    assert len(named) >= 40
