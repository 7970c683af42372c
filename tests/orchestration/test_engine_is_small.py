"""The heart of the product stays small enough to be read in one sitting."""

from pathlib import Path

import orchestration

HOME = Path(orchestration.__file__).parent
HEART = [
    *(HOME / "patterns").glob("*.py"),
    *(HOME / f"{name}.py" for name in ("engine", "agent_loop", "attempts", "contracts")),
]
MOST_LINES = 1_200


def test_patterns_engine_loop_and_contracts_stay_small() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in HEART}
    assert len(lines) >= 11
    assert sum(lines.values()) < MOST_LINES, lines
