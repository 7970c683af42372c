"""A team as the engine wants it: defaults filled in, the key of every step fixed, nothing left to look up."""

from dataclasses import dataclass, field
from typing import Any, Literal

from orchestration.patterns.base import Member
from orchestration.teams.deadlines import Within, parse_within
from orchestration.teams.grants import Grant, parse_grant

OnFailure = Literal["retry", "skip", "ask", "stop"]
TWO_WORKING_DAYS = Within(2, "d")


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
    """One agent: schemas of {} accept everything, `checks` are CEL rules that must hold for its output."""

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


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use, its child runs included."""

    turns: int = 30
    depth: int = 3
    seconds: int = 900
    tokens: int = 200_000
    cost_cents: int = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Who decides, by when and what happens then; `because` is the sentence people read."""

    relation: str = "approver"
    quorum: int = 1
    not_requester: bool = False
    within: Within = TWO_WORKING_DAYS
    otherwise: Literal["escalate", "reject"] = "escalate"
    because: str = ""


@dataclass(frozen=True, slots=True)
class ExceptionRule:
    """When the CEL rule `when` fires on a turn's output, people are asked."""

    name: str
    when: str
    ask: Asking


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """One place in a team. `key` is its path from the top: "0", "1.0", "1.join".

    kind agent: `name` is in `TeamPlan.agents`; inline: `team` is the child run's plan; team: `name` is the slug of
    another team of the room, to be planned with `plan(definition, under=key)`.
    """

    key: str
    name: str
    kind: Literal["agent", "inline", "team"]
    team: "TeamPlan | None" = None

    @property
    def member(self) -> Member:
        """The same place as a pattern sees it."""
        return Member(self.key, self.name)


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team, or a team within one: the inner one shares agents, limits and exceptions with the outer."""

    name: str
    pattern: str
    members: tuple[MemberPlan, ...]
    join: MemberPlan | None
    agents: dict[str, AgentPlan]
    limits: Limits
    exceptions: tuple[ExceptionRule, ...]


def plan(definition: dict[str, Any], under: str = "") -> TeamPlan:
    """The plan of a definition that the linter found no error in; `under` is the key it runs beneath, if any."""
    agents = {name: _agent(name, entry) for name, entry in definition["agents"].items()}
    limits = Limits(**{key: value for key, value in definition.get("limits", {}).items() if key in Limits.__slots__})
    exceptions = tuple(_exception(entry) for entry in definition.get("exceptions", []))
    shared = TeamPlan(definition["name"], "", (), None, agents, limits, exceptions)
    return _team(definition, shared, f"{under}." if under else "")


def _team(entry: dict[str, Any], shared: TeamPlan, prefix: str) -> TeamPlan:
    members = tuple(_member(place, shared, prefix, number) for number, place in enumerate(entry["members"]))
    join = MemberPlan(f"{prefix}join", entry["join"], "agent") if "join" in entry else None
    name = entry.get("name", shared.name)
    return TeamPlan(name, entry["pattern"], members, join, shared.agents, shared.limits, shared.exceptions)


def _member(entry: dict[str, Any], shared: TeamPlan, prefix: str, number: int) -> MemberPlan:
    key = f"{prefix}{number}"
    if "agent" in entry:
        return MemberPlan(key, entry["agent"], "agent")
    if isinstance(entry["team"], str):
        return MemberPlan(key, entry["team"], "team")
    name = member_name(entry, number)
    return MemberPlan(key, name, "inline", _team({"name": name, **entry["team"]}, shared, f"{key}."))


def member_name(entry: dict[str, Any], number: int) -> str:
    """What a member is called among the others: agent, slug, the inner team's own name, or else team-1, team-2, …"""
    if "agent" in entry:
        return str(entry["agent"])
    team = entry["team"]
    return str(team if isinstance(team, str) else team.get("name", f"team-{number + 1}"))


def _agent(name: str, entry: dict[str, Any]) -> AgentPlan:
    return AgentPlan(
        name=name,
        role=entry["role"],
        brain=_brain(entry["brain"]),
        instructions=entry.get("instructions", ""),
        grants=tuple(parse_grant(tool) for tool in entry.get("tools", [])),
        input_schema=entry.get("input", {}),
        output_schema=entry.get("output", {}),
        checks=tuple(check["rule"] for check in entry.get("checks", [])),
        on_failure=entry.get("on_failure", "ask"),
        limits=AgentLimits(**entry.get("limits", {})),
    )


def _brain(entry: dict[str, Any]) -> Brain:
    if "procedure" in entry:
        return Brain("procedure", procedure=entry["procedure"])
    model = entry["model"]
    return Brain("model", endpoint=model.get("endpoint"), needs=tuple(model.get("needs", [])))


def _exception(entry: dict[str, Any]) -> ExceptionRule:
    ask = dict(entry.get("ask", {}))
    if "within" in ask:
        ask["within"] = parse_within(ask["within"])
    return ExceptionRule(entry["name"], entry["when"], Asking(**ask))
