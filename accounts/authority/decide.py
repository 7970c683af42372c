"""The one door for what agents do: `decide` answers at the moment of the act, as the intersection of its factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import uuid_utils.compat as uuids

Outcome = Literal["permit", "deny", "ask"]


@dataclass(frozen=True, slots=True)
class Granted:
    """What an agent holds of one tool: `targets` and `columns` narrow it; None leaves it as wide as the tool is."""

    targets: frozenset[str] | None = None
    columns: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One use of a tool on one resource. `needs` is the person's permission to the room that it rests on.

    `target` is the tool's own name for the resource (a source's slug), `object` the ledger's (`document:ID`);
    `columns` are the columns it would read.
    """

    tool: str
    object: str
    needs: str
    target: str | None = None
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands behind the acts of one turn: the person's permissions now, the agent's grants, the task's objects.

    `objects` are the ledger names of what the task may touch; `document:*` stands for every document of the room.
    """

    permissions: frozenset[str]
    grants: Mapping[str, Granted]
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor's answer and the sentence that a person reads."""

    name: Literal["person", "agent", "task"]
    permits: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with an id that the act's event carries."""

    id: UUID
    outcome: Outcome
    factors: tuple[Factor, ...]

    @property
    def reason(self) -> str:
        """Why not, or why: the sentence of the first factor that refuses, else of the last."""
        return next((factor for factor in self.factors if not factor.permits), self.factors[-1]).reason

    def as_payload(self) -> dict[str, Any]:
        """Return the decision as an event keeps it."""
        factors = {factor.name: {"permits": factor.permits, "reason": factor.reason} for factor in self.factors}
        return {"outcome": self.outcome, "factors": factors}


def decide(act: Act, standing: Standing) -> Decision:
    """Decide `act`: permitted only if the person, the agent and the task each permit it."""
    factors = (_person(act, standing), _agent(act, standing), _task(act, standing))
    outcome: Outcome = "permit" if all(factor.permits for factor in factors) else "deny"
    return Decision(uuids.uuid7(), outcome, factors)


def _person(act: Act, standing: Standing) -> Factor:
    if act.needs in standing.permissions:
        return Factor("person", True, f"The person who asked may {act.needs.replace('_', ' ')} in this room.")
    return Factor("person", False, f"The person who asked may not {act.needs.replace('_', ' ')} in this room.")


def _agent(act: Act, standing: Standing) -> Factor:
    granted = standing.grants.get(act.tool)
    if granted is None:
        return Factor("agent", False, f"The agent was not granted {act.tool}.")
    if granted.targets is not None and act.target not in granted.targets:
        return Factor("agent", False, f"The agent was granted {act.tool}, but not on {act.target}.")
    held = (granted.columns or {}).get(act.target or "")
    if held is not None and (missing := sorted(act.columns - held)):
        return Factor("agent", False, f"The agent was not granted {', '.join(missing)} of {act.target}.")
    return Factor("agent", True, f"The agent was granted {act.tool}.")


def _task(act: Act, standing: Standing) -> Factor:
    kind = act.object.partition(":")[0]
    if act.object in standing.objects or f"{kind}:*" in standing.objects:
        return Factor("task", True, f"{act.object} belongs to the task.")
    return Factor("task", False, f"{act.object} does not belong to the task.")
