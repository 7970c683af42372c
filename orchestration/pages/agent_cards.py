"""The agents of a draft as cards, however wrong the draft is: each with what the linter says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.inference.endpoints import endpoint_for
from orchestration.limits.resting import resting_agents
from orchestration.models import Breaker, Team
from orchestration.teams.linting import Finding
from orchestration.teams.plan import Limits
from orchestration.tools.catalogue import TOOLS

DOES = {"read": "reads", "write": "writes", "outward": "sends out"}


@dataclass(frozen=True, slots=True)
class AgentCard:
    """One agent: `brain` in words, `tools` as (line of the draft, what it does), `place` in words ("" for none), and
    the `findings` about it. `tokens` and `cost_cents` are what one turn may use; `rests` while it is given no turns.
    """

    name: str
    role: str
    brain: str
    procedure: str
    place: str
    tools: list[tuple[str, str]]
    checks: int
    on_failure: str
    tokens: Any
    cost_cents: int | None
    findings: list[Finding] = field(default_factory=list)
    rests: Breaker | None = None


def agent_cards(team: Team, definition: Mapping[str, Any], findings: Sequence[Finding]) -> list[AgentCard]:
    """Return a card for each agent that the draft describes."""
    agents, resting = _entries(definition.get("agents")), resting_agents(team.workroom)
    limits = _entries({"limits": definition.get("limits")}).get("limits", {})
    return [
        _card(team, definition, limits, name, entry, _about(name, findings), resting.get(name))
        for name, entry in agents.items()
    ]


def _card(
    team: Team, definition: Mapping[str, Any], limits: Mapping[str, Any], name: str, entry: Mapping[str, Any],
    findings: list[Finding], rests: Breaker | None,
) -> AgentCard:  # fmt: skip
    own, brain = _entries({"limits": entry.get("limits")}).get("limits", {}), entry.get("brain")
    kind, value = next(iter(brain.items())) if isinstance(brain, dict) and brain else ("", None)
    cents = own.get("cost_cents", limits.get("cost_cents", Limits().cost_cents))
    return AgentCard(
        name=name,
        role=str(entry.get("role") or ""),
        brain=_brain(team, str(kind), value),
        procedure=str(value) if kind == "procedure" else "",
        place=_place(name, definition),
        tools=[(" ".join(str(tool).split()), _does(str(tool))) for tool in _listed(entry.get("tools"))],
        checks=len(_listed(entry.get("checks"))),
        on_failure=_failing(entry.get("on_failure", "ask")),
        tokens=own.get("tokens", limits.get("tokens", Limits().tokens)),
        cost_cents=cents if isinstance(cents, int) else None,
        findings=findings,
        rests=rests,
    )


def _brain(team: Team, kind: str, value: Any) -> str:
    if kind != "model":
        return kind or "no brain"
    wanted = value.get("endpoint") if isinstance(value, dict) else None
    endpoint = endpoint_for(team.organization_id, wanted if isinstance(wanted, str) else None)
    return f"model {endpoint.model}" if endpoint else "model (none set up)"


def _place(name: str, definition: Mapping[str, Any]) -> str:
    """What the agent is in the outermost team; who works in a team within it, verifies or stands in has no word."""
    members = [one.get("agent") for one in _listed(definition.get("members")) if isinstance(one, dict)]
    parts = {"manager": "manager", "join": "joins the answers"}
    said = [words for key, words in parts.items() if definition.get(key) == name]
    return said[0] if said else f"member {members.index(name) + 1}" if name in members else ""


def _failing(said: Any) -> str:
    return f"{said.get('substitute')} takes its turn" if isinstance(said, dict) else str(said)


def _does(tool: str) -> str:
    known = TOOLS.get(tool.partition(":")[0].strip())
    return DOES[known.kind] if known else ""


def _about(name: str, findings: Sequence[Finding]) -> list[Finding]:
    path = f"agents.{name}"
    return [one for one in findings if one.path == path or one.path.startswith((f"{path}.", f"{path}["))]


def _entries(value: Any) -> dict[str, Mapping[str, Any]]:
    """The entries of a mapping that are mappings themselves."""
    return {str(name): one for name, one in value.items() if isinstance(one, dict)} if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
