"""What a pattern sees and what it may answer: `next_step(state) → Start | Wait | Ask | Finish`.

A pattern is a pure function from what happened to the next step. It calls no model and touches no database.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

ReplyState = Literal["finished", "failed", "skipped"]
Purpose = Literal["work", "join"]


@dataclass(frozen=True, slots=True)
class Member:
    """An agent or a team, under a key that is unique in the run and a name that is unique in the team."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """How one step ended. `step` is the `Go.step` it answers; a skipped or failed step has no output that counts."""

    step: str
    state: ReplyState
    output: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Everything that happened in one run: the steps `started`, and their `replies` in order of arrival."""

    members: tuple[Member, ...]
    input: dict[str, Any]
    join: Member | None = None
    started: frozenset[str] = frozenset()
    replies: tuple[Reply, ...] = ()

    def reply_to(self, step: str) -> Reply | None:
        """The first reply to a step; a second one to the same step never counts."""
        return next((reply for reply in self.replies if reply.step == step), None)


@dataclass(frozen=True, slots=True)
class Go:
    """Begin one step: `member` works on `input`. `step` is its key in the run, the member's own if asked once."""

    step: str
    member: Member
    input: dict[str, Any]
    purpose: Purpose = "work"


@dataclass(frozen=True, slots=True)
class Start:
    """Begin these steps, at the same time."""

    gos: tuple[Go, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to begin until one of these steps is answered."""

    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A person has to say how it goes on; `about` is the step in question."""

    question: str
    about: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The team is done, with this result."""

    result: dict[str, Any]


Step = Start | Wait | Ask | Finish
Pattern = Callable[[State], Step]


def ask_about_failure(state: State) -> Ask | None:
    """A question for the first step that failed and that nobody has replaced or skipped."""
    for member in (*state.members, *([state.join] if state.join else [])):
        reply = state.reply_to(member.key)
        if reply is not None and reply.state == "failed":
            return Ask(f"{member.name} failed. Skip it, try again or stop?", about=member.key)
    return None
