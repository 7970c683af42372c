"""What a pattern sees and what it may answer: `next_step(state) → Start | Wait | Ask | Finish`.

A pattern is a pure function from what happened to the next step. It calls no model and touches no database. It reads
the run from its beginning each time, asking for the reply to each step it would have begun: what arrives twice, late
or from a stranger answers no step, and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ReplyState = Literal["finished", "failed", "skipped"]
Purpose = Literal["work", "join", "choose", "plan", "final"]
Act = Literal["retry", "quorum", "rounds", "route", "plan", "loop"]
PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Member:
    """An agent or a team, under a key that is unique in the run and a name that is unique in the team."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """How one step ended. `step` is the `Go.step` it answers; a skipped or failed step has no output that counts.

    `number` is the turn's. `done` and `chosen` are what the team's `until` and its rule for speakers say of the output.
    """

    step: str
    state: ReplyState
    output: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    done: bool = False
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a team says about how its members work together, defaults filled in. `repeats` bounds the plans."""

    need: int | None = None
    manager: Member | None = None
    speaker: Literal["round_robin", "manager", "rule"] = "round_robin"
    on_max_rounds: Literal["ask", "best"] = "ask"
    handoffs: Mapping[str, tuple[str, ...]] | None = None
    reviewed: bool = False
    rounds: int = 6
    most_handoffs: int = 5
    repeats: int = 3


@dataclass(frozen=True, slots=True)
class State:
    """Everything that happened in one run: the steps `started`, and their `replies` in order of arrival.

    `late` are steps that are open longer than the team waits for stragglers; `answered` are the questions that people
    answered with yes, as (`Ask.about`, `Ask.act`).
    """

    members: tuple[Member, ...]
    input: dict[str, Any]
    join: Member | None = None
    started: frozenset[str] = frozenset()
    replies: tuple[Reply, ...] = ()
    terms: Terms = Terms()
    late: frozenset[str] = frozenset()
    answered: frozenset[tuple[str, str]] = frozenset()

    def reply_to(self, step: str) -> Reply | None:
        """The first reply to a step; a second one to the same step never counts."""
        return next((reply for reply in self.replies if reply.step == step), None)


@dataclass(frozen=True, slots=True)
class Go:
    """Begin one step: `member` works on `input`. `step` is its key in the run, the member's own when asked first.

    `note` says what the pattern had to put right: a speaker who does not exist, for instance.
    """

    step: str
    member: Member
    input: dict[str, Any]
    purpose: Purpose = "work"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin these steps, at the same time; the steps in `drop` are no longer waited for."""

    gos: tuple[Go, ...]
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to begin until one of these steps is answered."""

    until: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A person has to say how it goes on; `about` is the step in question, `act` what a yes means."""

    question: str
    about: str
    act: Act = "retry"


@dataclass(frozen=True, slots=True)
class Finish:
    """The team is done, with this result; `warning` says why it is less than it should be."""

    result: dict[str, Any]
    warning: str = ""


Step = Start | Wait | Ask | Finish
Pattern = Callable[[State], Step]


def step_of(member: Member, before: int) -> str:
    """The step of a member that was asked `before` times: "1", then "1#2", "1#3", …"""
    return member.key if before == 0 else f"{member.key}#{before + 1}"


def place_of(step: str) -> str:
    """The key of the member that takes a step."""
    return step.partition("#")[0]


def times_before(step: str) -> int:
    """How often its member was asked before this step: 0 for "1", 2 for "1#3"."""
    number = step.partition("#")[2]
    return int(number) - 1 if number.isdecimal() else 0


def begin_or_wait(state: State, go: Go) -> Step:
    """Begin a step that was not answered, or wait for it if it was begun."""
    return Wait((go.step,)) if go.step in state.started else Start((go,))


def named(members: Iterable[Member], name: object) -> Member | None:
    """The member of this name, if there is one."""
    return next((member for member in members if member.name == name), None)


def ask_about_failure(state: State) -> Ask | None:
    """A question for the first step that failed and that nobody has replaced or skipped."""
    known = (*state.members, state.join, state.terms.manager)
    names = {member.key: member.name for member in known if member is not None}
    for reply in state.replies:
        name = names.get(place_of(reply.step))
        if reply.state == "failed" and name is not None and state.reply_to(reply.step) == reply:
            return Ask(f"{name} failed. Skip it, try again or stop?", about=reply.step)
    return None
