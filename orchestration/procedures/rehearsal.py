"""A scripted brain: it says what its instructions say it does, so that a team can be rehearsed without a model.

Everything after a line `Rehearsal:` is the script, one JSON object a line: the answer when asked first, second, …; the
last one stays. `calls` in a line are made before it and are no part of the answer: [["documents.search", {"query":
"$goal"}], …]. A text that begins with $ stands for what it names: $goal, $input.claim, $results.intake.total,
$calls.0.hits, $complaints, $said; one that begins with $$ is itself, without the first. A model reads the
instructions without the script.
"""

import json
from typing import Any

from orchestration.brains.assignment import Assignment, Tools
from orchestration.purposes import SCRIPT


def script(assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """The line of the script whose turn it is, its names filled in. Raises ValueError for a script that is none."""
    lines = script_of(assignment.instructions)
    if not lines:
        raise ValueError(f"there is no script: expected lines of JSON after a line {SCRIPT!r}")
    known: dict[str, Any] = {
        "goal": assignment.goal,
        "input": assignment.input,
        "results": assignment.results,
        "complaints": list(assignment.complaints),
        "said": list(assignment.said),
        "calls": [],
    }
    again = 1 if assignment.complaints else 0
    line = dict(lines[min(assignment.asked + again, len(lines) - 1)])
    for tool, arguments in line.pop("calls", []):
        known["calls"].append(tools.call(tool, **_filled(arguments, known)))
    answer: dict[str, Any] = _filled(line, known)
    return answer


def script_of(instructions: str) -> list[dict[str, Any]]:
    """The script in an agent's instructions; [] when there is none."""
    _, _, text = instructions.partition(f"{SCRIPT}\n")
    lines = [json.loads(line) for line in text.splitlines() if line.strip().startswith("{")]
    return [line for line in lines if isinstance(line, dict)]


def _filled(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, known) for inner in value]
    if isinstance(value, str) and value.startswith("$"):
        return value[1:] if value.startswith("$$") else _named(value[1:], known)
    return value


def _named(path: str, known: Any) -> Any:
    """What a dotted path leads to; None where it leads nowhere."""
    for key in path.split("."):
        if isinstance(known, list) and key.lstrip("-").isdecimal() and -len(known) <= int(key) < len(known):
            known = known[int(key)]
        elif isinstance(known, dict):
            known = known.get(key)
        else:
            return None
    return known
