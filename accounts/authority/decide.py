"""The one door for what agents do: `decide` answers at the moment of the act, as the intersection of its factors."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID

import uuid_utils.compat as uuids

from accounts.authority.rulebook import Flow, RuleBook, Ruling, judge
from accounts.authority.scope import covers
from accounts.authority.targets import Outcome, strictest, trace
from accounts.authority.task import Span, Task, Use


@dataclass(frozen=True, slots=True)
class Granted:
    """What an agent holds of one tool: `targets` and `columns` narrow it; None leaves it as wide as the tool is."""

    targets: frozenset[str] | None = None
    columns: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One use of a tool on one resource. `needs` is the person's permission to the room that it rests on.

    `target` is the tool's own name for the resource (a source's slug), `object` the ledger's (`document:ID`);
    `columns` are the columns it would read, `uses` the values that a write names; `place` is the "host:port" outside
    that it would reach.
    """

    tool: str
    object: str
    needs: str
    target: str | None = None
    columns: frozenset[str] = frozenset()
    uses: tuple[Use, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands behind the acts of one turn: the person's permissions now, the agent's grants, the task.

    `objects` are the ledger names of what the task may touch; `document:*` stands for every document of the room.
    `enrolled` says whether the agent itself is still in the room, with an identity that was not taken from it.
    `task` is what the values of a write are traced to, `book` the rules in force in the room. `who` acts is an agent,
    or a service, whose grants and task are what the person consented to.
    """

    permissions: frozenset[str]
    grants: Mapping[str, Granted]
    objects: frozenset[str]
    task: Task
    book: RuleBook
    enrolled: bool = True
    who: Literal["agent", "service"] = "agent"


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor's answer and the sentence that a person reads; `span` is the untrusted content it rests on.

    `rules` are those that fired, `boundary` the one that would be crossed.
    """

    name: Literal["person", "agent", "task", "data", "room"]
    outcome: Outcome
    reason: str
    span: Span | None = None
    rules: tuple[str, ...] = ()
    boundary: str = ""

    def as_payload(self) -> dict[str, Any]:
        """Return the factor as an event keeps it."""
        kept: dict[str, Any] = {"outcome": self.outcome, "reason": self.reason}
        if self.span:
            kept["origin"] = asdict(self.span)
        if self.rules:
            kept["rules"] = list(self.rules)
        return kept | ({"boundary": self.boundary} if self.boundary else {})


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with an id that the act's event carries."""

    id: UUID
    outcome: Outcome
    factors: tuple[Factor, ...]

    @property
    def reason(self) -> str:
        """Why not, or why: the sentence of the first factor that decided, else of the last."""
        return self.deciding.reason

    @property
    def deciding(self) -> Factor:
        """The first factor that decided, else the last."""
        return next((factor for factor in self.factors if factor.outcome == self.outcome), self.factors[-1])

    def as_payload(self) -> dict[str, Any]:
        """Return the decision as an event keeps it."""
        return {"outcome": self.outcome, "factors": {factor.name: factor.as_payload() for factor in self.factors}}


def decide(act: Act, standing: Standing, flow: Flow) -> Decision:
    """Decide `act`, whose data would flow as `flow` says: permitted only if the person, the agent, the task, the data
    and the room each permit it; one denial denies, and one question asks."""
    data, room = judge(standing.book, flow)
    factors = (
        _person(act, standing),
        _agent(act, standing),
        _task(act, standing),
        _ruled("data", data),
        _ruled("room", room),
    )
    said = {factor.outcome for factor in factors}
    outcome: Outcome = "deny" if "deny" in said else "ask" if "ask" in said else "permit"
    return Decision(uuids.uuid7(), outcome, factors)


def _person(act: Act, standing: Standing) -> Factor:
    if act.needs in standing.permissions:
        return Factor("person", "permit", f"The person who asked may {act.needs.replace('_', ' ')} in this room.")
    return Factor("person", "deny", f"The person who asked may not {act.needs.replace('_', ' ')} in this room.")


def _agent(act: Act, standing: Standing) -> Factor:
    if not standing.enrolled:
        return Factor("agent", "deny", f"The {standing.who} has not proved who it is, or is no longer in this room.")
    granted = standing.grants.get(act.tool)
    if granted is None:
        return Factor("agent", "deny", f"The {standing.who} was not granted {act.tool}.")
    if granted.targets is not None and act.target not in granted.targets:
        return Factor("agent", "deny", f"The {standing.who} was granted {act.tool}, but not on {act.target}.")
    held = (granted.columns or {}).get(act.target or "")
    if held is not None and (missing := sorted(act.columns - held)):
        return Factor("agent", "deny", f"The {standing.who} was not granted {', '.join(missing)} of {act.target}.")
    return Factor("agent", "permit", f"The {standing.who} was granted {act.tool}.")


def _task(act: Act, standing: Standing) -> Factor:
    if not covers(standing.objects, act.object):
        return Factor("task", "deny", f"{act.object} does not belong to the task.")
    if (found := strictest(trace(act.uses, standing.task))) is not None:
        return Factor("task", found.outcome, found.reason, found.span)
    return Factor("task", "permit", f"{act.object} belongs to the task.")


def _ruled(name: Literal["data", "room"], ruling: Ruling) -> Factor:
    return Factor(name, ruling.outcome, ruling.reason, rules=ruling.rules, boundary=ruling.boundary)
