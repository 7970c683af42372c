"""What a tool knows of the turn that uses it, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.authority.decide import Act
from accounts.identity import Credential
from accounts.models import User
from orchestration.models import Run, Turn
from workrooms.models import Workroom

Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """One turn: its run, room, agent, and the person on whose behalf it acts.

    `key` names one call for ever, over attempts and processes: an outward tool hands it on as its idempotency key.
    `credential` is what the agent proved itself with at the start of this attempt; without one nothing is permitted.
    """

    run: Run
    turn: Turn
    room: Workroom
    agent: User
    person: User
    key: str = ""
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of a tool: `result` for the agent, `logged` for the ledger, `saw` for the page ("agent saw")."""

    result: dict[str, Any]
    logged: dict[str, Any] = field(default_factory=dict)
    saw: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something an agent may use. `event` is the kind its use is logged as.

    `act` says what the use would touch, for the authority; it and `perform` raise ToolFailed for unusable arguments.
    An outward tool changes something outside and runs outside any transaction. What writes or sends is not performed in
    a rehearsal or trial: `pretended` is what the agent is told instead.
    """

    name: str
    event: str
    kind: Literal["read", "write", "outward"]
    description: str
    parameters: dict[str, Any]
    act: Callable[[Context, Arguments], Act]
    perform: Callable[[Context, Arguments], Performed]
    pretended: dict[str, Any] = field(default_factory=dict)


def described(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return the JSON Schema of an object with these properties and no others."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
