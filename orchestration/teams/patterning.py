"""Another pattern for a team, written into its text: what a person wrote is kept, at worst as a comment.

Only the outermost team changes, and only its text: a key that the pattern has no use for becomes a comment that begins
with MARK, and is a key again when a pattern that has a use for it is chosen. What the pattern needs is added below it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from orchestration.teams.linting.patterns import BELONGS
from orchestration.teams.loading import Loaded, Unreadable, load
from orchestration.teams.places import agents_named
from orchestration.teams.plan import member_name
from orchestration.teams.schema import TEAM
from orchestration.values.schemas import violations

MARK = "# not in use: "
KEY = re.compile(r"""\s*["']?(\w+)["']?\s*:""")
PATTERN = re.compile(r"""^(\s*["']?pattern["']?\s*:\s+)(["']?)[\w-]+\2(?=\s|$)""")
MANAGES = "role: Plans the work, gives it out and puts the answers together"


@dataclass(frozen=True, slots=True)
class Choice:
    """One pattern as the picker shows it: `how` it goes, and what it is `good_for`."""

    name: str
    title: str
    how: str
    good_for: str


CHOICES = (
    Choice("sequential", "Sequential", "One after another.", "Work in steps that are known: read, judge, write."),
    Choice(
        "concurrent", "Concurrent", "At once, then joined.", "Several views of one thing, none waiting for another."
    ),
    Choice(
        "group_chat", "Group chat", "In turns, until agreed.", "A maker and a checker; drafts that need objections."
    ),
    Choice("handoff", "Handoff", "Each picks the next.", "Requests of many kinds, each for another specialist."),
    Choice("manager", "Manager", "Plans, hands out, checks.", "Open questions whose steps nobody knows before."),
)


def choose_pattern(text: str, pattern: str) -> str:
    """Return the text of a team with another pattern. Raises Unreadable for what cannot be read, or has no lines of
    its own for the keys (a team in one line, JSON)."""
    loaded = load(text)
    _check_lines(loaded, text.splitlines())
    lines = text.splitlines(keepends=True)
    if "pattern" not in loaded.data:
        lines.insert(min(loaded.lines[(key,)] for key in loaded.data), f"pattern: {pattern}\n")
    text = "".join(_restored(lines, {*loaded.data, "pattern"}, pattern))
    return _completed("".join(_set_aside(text, pattern)), pattern)


def not_in_use(text: str) -> list[str]:
    """Return the keys that stand in the text as comments, until a pattern has a use for them."""
    kept = (line.removeprefix(MARK) for line in text.splitlines() if line.startswith(MARK))
    return list(dict.fromkeys(key[1] for line in kept if (key := KEY.match(line)) and not line[0].isspace()))


def _check_lines(loaded: Loaded, lines: list[str]) -> None:
    for key in loaded.data:
        number = loaded.lines[(key,)]
        found = KEY.match(lines[number - 1])
        if found is None or found[1] != key or (key == "pattern" and not PATTERN.match(lines[number - 1])):
            raise Unreadable(number, f"{key} does not stand in a line of its own.", "each key of the team in its line")


def _restored(lines: list[str], present: set[str], pattern: str) -> list[str]:
    """Make keys of the comments that the pattern has a use for, except where there is such a key already."""
    restored, takes = list[str](), False
    for line in lines:
        inner = line.removeprefix(MARK)
        key = KEY.match(inner)
        if not line.startswith(MARK):
            takes = False
        elif key is not None and not inner[0].isspace():
            takes = pattern in BELONGS.get(key[1], ()) and key[1] not in present
            present.add(key[1])
        restored.append(inner if takes else line)
    return restored


def _set_aside(text: str, pattern: str) -> list[str]:
    """Name the pattern, and make comments of the keys that it has no use for."""
    loaded, lines = load(text), text.splitlines(keepends=True)
    for key, first, last in _blocks(loaded, lines):
        if not _fits(key, pattern, loaded.data):
            lines[first:last] = [MARK + line for line in lines[first:last]]
        elif key == "pattern":
            lines[first] = PATTERN.sub(rf"\g<1>{pattern}", lines[first])
    return lines


def _fits(key: str, pattern: str, data: Mapping[str, Any]) -> bool:
    """Whether a pattern has a use for a key; a conversation has a manager only where the manager chooses."""
    if key == "manager" and pattern == "group_chat":
        speaker = data.get("speaker")
        return isinstance(speaker, Mapping) and speaker.get("by") == "manager"
    return key not in BELONGS or pattern in BELONGS[key]


def _blocks(loaded: Loaded, lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """The keys of the team with the lines (from 0, the last not included) in which they stand."""
    begins = sorted((loaded.lines[(key,)] - 1, key) for key in loaded.data)
    for (first, key), (after, _) in zip(begins, [*begins[1:], (len(lines), "")], strict=True):
        last = after
        while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
            last -= 1
        yield key, first, last


def _completed(text: str, pattern: str) -> str:
    """Write what the pattern needs and the team does not say, unless the team is not finished enough to know."""
    loaded, lines = load(text), text.splitlines(keepends=True)
    if violations(TEAM, loaded.data):
        return text
    team, below = loaded.data, loaded.lines[("pattern",)]
    needed, names = "", [member_name(one, number) for number, one in enumerate(team["members"])]
    if pattern == "manager" and "manager" not in team:
        manager = _manager(team)
        needed, lines = f"manager: {manager}", _with_agent(loaded, lines, manager)
    elif pattern == "handoff" and "handoffs" not in team and len(names) > 1:
        needed = f"handoffs: {{{names[0]}: [{', '.join(names[1:])}]}}"
    elif pattern == "group_chat" and not {"until", "speaker"} & set(team):
        judged = any("approved" in agent.get("output", {}).get("properties", {}) for agent in team["agents"].values())
        needed = 'until: "last.output.approved"' if judged else "speaker: {by: round_robin}"
    if needed:
        lines.insert(below, f"{_indent(lines[below - 1])}{needed}\n")
    return "".join(lines)


def _manager(team: dict[str, Any]) -> str:
    """An agent that has no place yet, or a name for a new one."""
    placed = {name for _, name in agents_named(team)}
    free = [name for name in team["agents"] if name not in placed]
    names = (f"manager_{number}" if number else "manager" for number in count())
    return free[0] if free else next(name for name in names if name not in team["agents"])


def _with_agent(loaded: Loaded, lines: list[str], name: str) -> list[str]:
    """The lines with an agent of this name before the others; as they are where it is there, or all are in one line."""
    first = min(loaded.lines[("agents", one)] for one in loaded.data["agents"])
    if name in loaded.data["agents"] or first == loaded.lines[("agents",)]:
        return lines
    indent = _indent(lines[first - 1])
    new = [f"{indent}{name}:\n", f"{indent}  {MANAGES}\n", f"{indent}  brain: {{model: {{}}}}\n"]
    return [*lines[: first - 1], *new, *lines[first - 1 :]]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
