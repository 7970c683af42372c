"""Rows of a source as records."""

from collections.abc import Sequence
from typing import Any

from orchestration.brains.assignment import Tools


def records_of(
    tools: Tools, source: str, columns: Sequence[str], where: Sequence[Sequence[Any]], limit: int = 20
) -> list[dict[str, str]]:
    """The rows of `source` as `{column: text}`, a NULL as `?`; raises ToolDenied and ToolFailed."""
    answer = tools.call(
        "sources.query", source=source, columns=list(columns), where=[list(one) for one in where], limit=limit
    )
    names = answer["columns"]
    return [
        {name: "?" if cell is None else str(cell) for name, cell in zip(names, row, strict=True)}
        for row in answer["rows"]
    ]
