"""What may pass between agents: schemas at each boundary, rules over outputs, contradictions between outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.values.rules import Fired, check, fires
from orchestration.values.schemas import validate

__all__ = ["Fired", "check", "contradictions", "fires", "validate"]


def contradictions(outputs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fields for which outputs give different values: [{"field": "total_cents", "values": {name: value}}].

    Compared are numbers, truth values and texts under the same dotted path. Unknown (null) contradicts nothing, and
    neither does a `summary`, which is prose.
    """
    values: dict[str, dict[str, Any]] = {}
    for name, output in outputs.items():
        for field, value in _facts(output, ""):
            values.setdefault(field, {})[name] = value
    return [{"field": field, "values": given} for field, given in sorted(values.items()) if _differ(given)]


def _facts(output: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in output.items():
        if isinstance(value, Mapping):
            yield from _facts(value, f"{prefix}{key}.")
        elif isinstance(value, (bool, int, float, str)) and key != "summary":
            yield f"{prefix}{key}", value


def _differ(given: Mapping[str, Any]) -> bool:
    return len({(isinstance(value, bool), value) for value in given.values()}) > 1
