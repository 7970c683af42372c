"""What changed between two texts, line by line, as a page shows it."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison. `old` and `new` are its numbers (from 1) in the two texts; a gap has `hidden` lines."""

    kind: Literal["same", "added", "removed", "gap"]
    old: int | None = None
    new: int | None = None
    text: str = ""
    hidden: int = 0


def compare(old: str, new: str, context: int = CONTEXT) -> list[DiffLine]:
    """The changed lines with `context` unchanged ones around them; empty when the texts have the same lines."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[DiffLine] = []
    shown = 0
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        lines += _gap(group[0][1] - shown)
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                pairs = zip(range(old_from, old_to), range(new_from, new_to), strict=True)
                lines += [DiffLine("same", a + 1, b + 1, after[b]) for a, b in pairs]
                continue
            lines += [DiffLine("removed", number + 1, None, before[number]) for number in range(old_from, old_to)]
            lines += [DiffLine("added", None, number + 1, after[number]) for number in range(new_from, new_to)]
        shown = group[-1][2]
    return [*lines, *_gap(len(before) - shown)] if lines else []


def _gap(hidden: int) -> list[DiffLine]:
    return [DiffLine("gap", hidden=hidden)] if hidden > 0 else []
