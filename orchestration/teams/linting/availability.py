"""What the schema knows and this version does not do yet. What would be silently ignored, and matter, is an error."""

from collections.abc import Iterator
from typing import Any

from orchestration.patterns import PATTERNS
from orchestration.teams.linting.finding import Definition, Mistake, Severity
from orchestration.teams.places import teams_within
from orchestration.violations import Path

PATTERN_KEYS = ("manager", "speaker", "until", "on_max_rounds", "handoffs", "plan_review")
WAITS_FOR_ALL = "a joiner waits for every member"


def availability(team: Definition) -> Iterator[Mistake]:
    """Everything in a team that is not available yet."""
    for path, inner in teams_within(team):
        yield from _pattern(inner, path)
    if "when_people_speak" in team:
        yield _not_yet(("when_people_speak",), "when_people_speak", "no such key", "warning")
    for key in ("rounds", "handoffs", "repeats"):
        if key in team.get("limits", {}):
            yield _not_yet(("limits", key), f"The limit {key}", "no such limit", "warning")
    for name, agent in team["agents"].items():
        yield from _agent(agent, ("agents", name))
    for number, exception in enumerate(team.get("exceptions", [])):
        if exception.get("ask", {}).get("quorum", 1) > 1:
            yield _not_yet(("exceptions", number, "ask", "quorum"), "A quorum above 1", "quorum: 1")


def _pattern(inner: dict[str, Any], path: Path) -> Iterator[Mistake]:
    if inner["pattern"] not in PATTERNS:
        yield _not_yet((*path, "pattern"), f"The pattern {inner['pattern']}", " or ".join(PATTERNS))
        return
    yield from (_not_yet((*path, key), key, f"no {key}", "warning") for key in PATTERN_KEYS if key in inner)
    yield from (
        _not_yet((*path, key), key, f"no {key}: {WAITS_FOR_ALL}", "warning")
        for key in ("need", "straggler_timeout")
        if key in inner
    )


def _agent(agent: dict[str, Any], path: Path) -> Iterator[Mistake]:
    if "remote" in agent["brain"]:
        yield _not_yet((*path, "brain", "remote"), "A remote brain", "procedure: … or model: …")
    if "clearance" in agent:
        yield _not_yet((*path, "clearance"), "clearance", "tools narrowed to what the agent needs", "warning")
    for number, check in enumerate(agent.get("checks", [])):
        if "verifier" in check:
            yield _not_yet((*path, "checks", number, "verifier"), "A verifier", "rule: …")
    if isinstance(agent.get("on_failure"), dict):
        yield _not_yet((*path, "on_failure", "substitute"), "A substitute", "retry, skip, ask or stop")


def _not_yet(path: Path, what: str, expected: str, severity: Severity = "error") -> Mistake:
    kept = " It is kept and has no effect." if severity == "warning" else ""
    return Mistake(path, f"{what} is not available yet.{kept}", expected, severity)
