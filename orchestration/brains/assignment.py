"""What an agent is asked to do, and what it may use: the one interface between the engine and every brain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One revision of a document that belongs to the task."""

    id: str
    name: str
    revision: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One turn as its agent sees it.

    `input` is the previous member's output (the run's input for the first; `{agent: output}` for a joiner),
    `results` are all earlier outputs of the run and its parents by agent name, `messages` are "Name: text" lines.
    `purpose` is what the turn is for: work, join, choose, plan, final or verify; `asked` is how often this member was
    asked before in this run. An answer that was not accepted comes back as `previous`, with the `complaints`. `said`
    are lines of people who may start runs, spoken to the team while it works.
    """

    agent: str
    instructions: str
    goal: str
    input: dict[str, Any]
    results: dict[str, dict[str, Any]]
    documents: tuple[DocumentRef, ...]
    messages: tuple[str, ...]
    purpose: str = "work"
    asked: int = 0
    previous: dict[str, Any] | None = None
    complaints: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


class ToolDenied(Exception):
    """The authority refused the act; the text says why."""


class ToolFailed(Exception):
    """The tool was permitted and did not succeed; the text says why."""


class Tools(Protocol):
    """The tools of one turn. Each call passes the authority and is journalled."""

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Use `tool`; raises ToolDenied or ToolFailed."""
        ...


Procedure = Callable[[Assignment, Tools], dict[str, Any]]
