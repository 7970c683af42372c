"""Scripts that stand in for models: what an agent said in a finished run, said again."""

import json
from copy import deepcopy
from typing import Any

from django.db.models import Q

from orchestration.models import Run, Turn
from orchestration.purposes import SCRIPT, prose

SCRIPTED = {"procedure": "rehearsal.script"}
Definition = dict[str, Any]


def stood_in(definition: Definition, source: Run) -> tuple[Definition, list[str]]:
    """Return the definition with what `source` has of each model agent's answers in its place, and the agents of which
    it has none."""
    changed, silent = deepcopy(definition), []
    for name, entry in changed["agents"].items():
        if "model" not in entry["brain"]:
            continue
        lines = _said(source, name)
        entry["brain"] = SCRIPTED
        entry["instructions"] = scripted(entry.get("instructions", ""), lines)
        if not lines:
            silent.append(name)
    return changed, silent


def scripted(instructions: str, lines: list[dict[str, Any]]) -> str:
    """Return instructions with these lines as their script."""
    script = "\n".join(json.dumps(literal(line), ensure_ascii=False) for line in lines)
    return f"{prose(instructions)}\n{SCRIPT}\n{script}\n"


def literal(value: Any) -> Any:
    """Return a value as a script says it word for word: a text that begins with $ names nothing."""
    if isinstance(value, dict):
        return {key: literal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [literal(inner) for inner in value]
    return f"${value}" if isinstance(value, str) and value.startswith("$") else value


def _said(source: Run, agent: str) -> list[dict[str, Any]]:
    """Return the agent's answers in a run, in order; what people changed or signed in them is as they left it."""
    turns = Turn.objects.filter(Q(run=source) | Q(run__root=source), agent=agent, state=Turn.State.FINISHED)
    outputs = turns.order_by("started_at", "number").values_list("output", flat=True)
    return [{name: value for name, value in output.items() if name != "decided_by"} for output in outputs if output]
