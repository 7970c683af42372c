"""A team as the engine wants it: defaults filled in, the key of every step fixed, nothing left to look up."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchestration.patterns.base import Member, Terms
from orchestration.teams.agents import AgentLimits, AgentPlan, Brain, agent_of
from orchestration.teams.deadlines import Within, parse_within

__all__ = [
    "AgentLimits",
    "AgentPlan",
    "Asking",
    "Brain",
    "ExceptionRule",
    "Limits",
    "MemberPlan",
    "TeamPlan",
    "member_name",
    "plan",
]

TWO_WORKING_DAYS = Within(2, "d")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use, its child runs included; `rounds`, `handoffs` and `repeats` hold for each team in it."""

    turns: int = 30
    rounds: int = 6
    handoffs: int = 5
    depth: int = 3
    seconds: int = 900
    tokens: int = 200_000
    cost_cents: int = 500
    repeats: int = 3


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
    """A team, or a team within one: the inner one shares agents, limits and exceptions with the outer.

    `until` and `speaker_rule` are CEL over `last`, `input` and `round`; `straggler_timeout` is in seconds.
    """

    name: str
    pattern: str
    members: tuple[MemberPlan, ...]
    join: MemberPlan | None
    agents: dict[str, AgentPlan]
    limits: Limits
    exceptions: tuple[ExceptionRule, ...]
    manager: MemberPlan | None = None
    terms: Terms = field(default_factory=Terms)
    until: str = ""
    speaker_rule: str = ""
    straggler_timeout: int | None = None
    when_people_speak: Literal["queue", "steer", "interrupt"] = "queue"
    on_limit: Literal["ask", "stop"] = "stop"

    @property
    def places(self) -> dict[str, MemberPlan]:
        """Whoever may take a step of this team, by key: members, joiner, manager."""
        others = [place for place in (self.join, self.manager) if place is not None]
        return {place.key: place for place in (*self.members, *others)}


def plan(definition: dict[str, Any], under: str = "") -> TeamPlan:
    """The plan of a definition that the linter found no error in; `under` is the key it runs beneath, if any."""
    agents = {name: agent_of(name, entry) for name, entry in definition["agents"].items()}
    limits = Limits(**{key: value for key, value in definition.get("limits", {}).items() if key in Limits.__slots__})
    exceptions = tuple(_exception(entry) for entry in definition.get("exceptions", []))
    spoken_to = definition.get("when_people_speak", "queue")
    shared = TeamPlan(definition["name"], "", (), None, agents, limits, exceptions, when_people_speak=spoken_to)
    shared = replace(shared, on_limit=definition.get("on_limit", "stop"))
    return _team(definition, shared, f"{under}." if under else "")


def _team(entry: dict[str, Any], shared: TeamPlan, prefix: str) -> TeamPlan:
    manager = MemberPlan(f"{prefix}manager", entry["manager"], "agent") if "manager" in entry else None
    return replace(
        shared,
        name=entry.get("name", shared.name),
        pattern=entry["pattern"],
        members=tuple(_member(place, shared, prefix, number) for number, place in enumerate(entry["members"])),
        join=MemberPlan(f"{prefix}join", entry["join"], "agent") if "join" in entry else None,
        manager=manager,
        terms=_terms(entry, shared.limits, manager),
        until=entry.get("until", ""),
        speaker_rule=entry.get("speaker", {}).get("rule", ""),
        straggler_timeout=entry.get("straggler_timeout"),
    )


def _terms(entry: dict[str, Any], limits: Limits, manager: MemberPlan | None) -> Terms:
    speaker = entry.get("speaker", {"by": "round_robin"})
    handoffs = entry.get("handoffs")
    return Terms(
        need=entry.get("need"),
        manager=manager.member if manager else None,
        speaker=speaker.get("by", "rule"),
        on_max_rounds=entry.get("on_max_rounds", "ask"),
        handoffs=None if handoffs is None else {name: tuple(others) for name, others in handoffs.items()},
        reviewed=entry.get("plan_review") == "people",
        rounds=limits.rounds,
        most_handoffs=limits.handoffs,
        repeats=limits.repeats,
    )


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


def _exception(entry: dict[str, Any]) -> ExceptionRule:
    ask = dict(entry.get("ask", {}))
    if "within" in ask:
        ask["within"] = parse_within(ask["within"])
    return ExceptionRule(entry["name"], entry["when"], Asking(**ask))
