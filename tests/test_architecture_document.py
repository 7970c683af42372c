"""docs/architecture.md leads through the tree as it is: its map of orchestration has each place there, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / "orchestration"
TEXT = (ROOT / "docs" / "architecture.md").read_text()
MAP = TEXT.partition("## Inside orchestration\n")[2].partition("\n## ")[0]
NAMED = re.compile(r"\b((?:accounts|workrooms|orchestration|config)/[\w/]+\.py)\b")


def test_the_map_names_every_module_of_the_root_once_and_no_other() -> None:
    shown = re.sub(r"^.*?  ", "", MAP.split("```")[1], flags=re.MULTILINE)
    there = sorted(path.stem for path in HOME.glob("*.py") if path.stem != "__init__")
    assert sorted(re.findall(r"\w+", re.sub(r": [^;\n]*", "", shown))) == there


def test_the_map_names_every_folder_once_and_no_other() -> None:
    rows = [line.split("|")[1] for line in MAP.splitlines() if line.startswith("| `")]
    there = sorted(path.parent.name for path in HOME.glob("*/__init__.py") if path.parent.name != "migrations")
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)/`", row)) == there


def test_every_module_that_it_speaks_of_is_there() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).is_file()] == []
