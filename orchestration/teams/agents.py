"""Agents of a team as the engine wants them: defaults filled in, grants read."""

from dataclasses import dataclass, field
from typing import Any, Literal

from orchestration.teams.grants import Grant, parse_grant

OnFailure = Literal["retry", "skip", "ask", "stop", "substitute"]


@dataclass(frozen=True, slots=True)
class Brain:
    """What answers for an agent: a procedure by name, or a model (of a named endpoint, or of any that fits)."""

    kind: Literal["procedure", "model"]
    procedure: str = ""
    endpoint: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """What one turn of an agent may use; None leaves it to the team's limits."""

    tokens: int | None = None
    cost_cents: int | None = None


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent: schemas of {} accept everything, `checks` are CEL rules that must hold for its output.

    `verifiers` are the agents that have to approve its output before it counts; `substitute` is who works in its
    place when it fails (on_failure "substitute").
    """

    name: str
    role: str
    brain: Brain
    instructions: str = ""
    grants: tuple[Grant, ...] = ()
    input_schema: dict[str, Any] = field(default_factory=dict)
    output_schema: dict[str, Any] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    on_failure: OnFailure = "ask"
    limits: AgentLimits = AgentLimits()
    verifiers: tuple[str, ...] = ()
    substitute: str = ""


def agent_of(name: str, entry: dict[str, Any]) -> AgentPlan:
    """The plan of one entry under `agents:` that the linter found no error in."""
    on_failure, checks = entry.get("on_failure", "ask"), entry.get("checks", [])
    return AgentPlan(
        name=name,
        role=entry["role"],
        brain=_brain(entry["brain"]),
        instructions=entry.get("instructions", ""),
        grants=tuple(parse_grant(tool) for tool in entry.get("tools", [])),
        input_schema=entry.get("input", {}),
        output_schema=entry.get("output", {}),
        checks=tuple(check["rule"] for check in checks if "rule" in check),
        on_failure="substitute" if isinstance(on_failure, dict) else on_failure,
        limits=AgentLimits(**entry.get("limits", {})),
        verifiers=tuple(check["verifier"] for check in checks if "verifier" in check),
        substitute=on_failure["substitute"] if isinstance(on_failure, dict) else "",
    )


def _brain(entry: dict[str, Any]) -> Brain:
    if "procedure" in entry:
        return Brain("procedure", procedure=entry["procedure"])
    model = entry["model"]
    return Brain("model", endpoint=model.get("endpoint"), needs=tuple(model.get("needs", [])))
