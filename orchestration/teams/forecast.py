"""What a run of a team can come to at worst, from its text alone: turns, tokens and cost."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from orchestration.teams.plan import MemberPlan, TeamPlan, plan


@dataclass(frozen=True, slots=True)
class Forecast:
    """The worst case before any limit of the run stops it. None: some agent that may be asked has no limit of its own.

    A team of the room that is a member counts as one turn here; its own text has its own worst case.
    """

    turns: int
    tokens: int | None
    cost_cents: int | None


def worst_case(definition: dict[str, Any]) -> Forecast:
    """The forecast of a definition that the linter found no error in."""
    team = plan(definition)
    asked = _asked(team)
    models = {name: count for name, count in asked.items() if name in team.agents}
    return Forecast(asked.total(), _sum(team, models, "tokens"), _sum(team, models, "cost_cents"))


def _sum(team: TeamPlan, asked: dict[str, int], limit: str) -> int | None:
    total = 0
    for name, count in asked.items():
        agent = team.agents[name]
        own = getattr(agent.limits, limit) if agent.brain.kind == "model" else 0
        if own is None:
            return None
        total += own * count
    return total


def _asked(team: TeamPlan) -> Counter[str]:
    """How often each agent is asked at most; a team as a member counts under its name as well."""
    rounds = len(team.members) * team.terms.rounds
    managed = Counter({team.manager.name: 1}) if team.manager else Counter[str]()
    everybody = sum((_member(team, place) for place in team.members), Counter[str]())
    if team.pattern == "group_chat" and team.terms.speaker == "round_robin":
        return _times(everybody, team.terms.rounds)
    if team.pattern == "group_chat":
        chooses = rounds if team.terms.speaker == "manager" else 0
        return _times(_worst(team), rounds) + _times(managed, chooses)
    if team.pattern == "handoff":
        return _times(_worst(team), 1 + team.terms.most_handoffs)
    if team.pattern == "manager":
        plans = team.terms.repeats
        return _times(_worst(team), rounds) + _times(managed, plans + rounds + plans * team.terms.repeats + 1)
    return everybody + (_member(team, team.join) if team.join else Counter[str]())


def _worst(team: TeamPlan) -> Counter[str]:
    """The member that takes most turns each time it is asked: who is asked how often is not known before."""
    return max((_member(team, place) for place in team.members), key=lambda counted: counted.total())


def _member(team: TeamPlan, place: MemberPlan) -> Counter[str]:
    if place.team is not None:
        return Counter({place.name: 1}) + _asked(place.team)
    agent = team.agents.get(place.name) if place.kind == "agent" else None
    verifiers = Counter(agent.verifiers) if agent else Counter[str]()
    return Counter({place.name: 1}) + _times(verifiers, 2)


def _times(counted: Counter[str], factor: int) -> Counter[str]:
    return Counter({name: count * factor for name, count in counted.items() if factor})
