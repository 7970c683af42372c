"""What the schema knows and this version does not do yet. What would be silently ignored, and matter, is an error."""

from collections.abc import Iterator
from typing import Any

from orchestration.teams.linting.finding import Definition, Mistake, Severity
from orchestration.violations import Path


def availability(team: Definition) -> Iterator[Mistake]:
    """Everything in a team that is not available yet."""
    if "when_people_speak" in team:
        yield _not_yet(("when_people_speak",), "when_people_speak", "no such key", "warning")
    for name, agent in team["agents"].items():
        yield from _agent(agent, ("agents", name))


def _agent(agent: dict[str, Any], path: Path) -> Iterator[Mistake]:
    if "remote" in agent["brain"]:
        yield _not_yet((*path, "brain", "remote"), "A remote brain", "procedure: … or model: …")


def _not_yet(path: Path, what: str, expected: str, severity: Severity = "error") -> Mistake:
    kept = " It is kept and has no effect." if severity == "warning" else ""
    return Mistake(path, f"{what} is not available yet.{kept}", expected, severity)
