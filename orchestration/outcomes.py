"""How an agent's go can end, as the engine is told."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Answered:
    """The agent answered; `output` fits its contract."""

    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer; the text says why. `findings` are the contract's or checks' complaints.

    `own` is False where the agent could not help it: it was given the wrong thing, or may not or cannot work now.
    """

    reason: str
    findings: list[str] = field(default_factory=list)
    own: bool = True


@dataclass(frozen=True, slots=True)
class Halted:
    """A limit was reached; the text names it, `short` (as of OverLimit) of what more can be asked for."""

    reason: str
    short: str = ""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Something shared was busy, or rests: the turn goes on in `seconds`. The text says what it waits for."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """An outward call may or may not have had its effect."""

    call_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Questioned:
    """People have to say whether a tool call may be made."""

    call_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Looped:
    """The agent does the same again and again; the text says what was seen."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The run is to stop, or another attempt holds the turn: nothing to keep. `told` is what was seen at the end."""

    told: str = ""


Outcome = Answered | Failed | Halted | Postponed | Unclear | Questioned | Looped | Withdrawn
