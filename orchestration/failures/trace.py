"""A run as plain data: turns, what was said in them, calls, questions to people, ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]
WORK = ("work", "join", "final")
VERIFIES = "?"


@dataclass(frozen=True, slots=True)
class Call:
    """A finished use of a tool in one try of a turn; `outcome` is all that the event tells of what came of it."""

    seq: int
    kind: str
    tool: str
    arguments: str
    trial: int
    outcome: str
    payload: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Go:
    """One turn. `scope` is the place of the team it belongs to ("" the outermost), `given` a digest of its input;
    `began` are the numbers of the events in which a nested team was started for it."""

    id: str
    seq: int
    agent: str
    member: str
    purpose: str
    given: str
    note: str
    scope: str
    calls: list[Call] = field(default_factory=list)
    told: list["Said"] = field(default_factory=list)
    began: list[int] = field(default_factory=list)

    @property
    def answer(self) -> "Said | None":
        """The answer that counts, if the turn has come to one."""
        return next((said for said in reversed(self.told) if said.state == "finished"), None)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What was told of a turn: `state` is finished, waiting, failed or skipped."""

    go: Go
    seq: int
    state: str
    output: Mapping[str, Any]
    error: str

    @property
    def verdict(self) -> bool | None:
        """What it says of another's work, where it is a verdict."""
        approved = self.output.get("approved")
        return approved if isinstance(approved, bool) else None

    @property
    def handoff(self) -> Mapping[str, Any] | None:
        """The hand-over, where it is one."""
        handed = self.output.get("handoff")
        return handed if isinstance(handed, Mapping) else None


@dataclass(slots=True)
class Question:
    """What people were asked about a turn: by which rules, why, and what they answered ("" while it is open)."""

    seq: int
    turn: str
    act: str
    rules: Sequence[str]
    reasons: Sequence[str]
    answer: str = ""
    closed: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """The end of the root run or of one nested in it."""

    seq: int
    run: str
    state: str
    reason: str
    result: Any
    child: bool


@dataclass(slots=True)
class Trace:
    """Everything of one run; `definitions` are teams' definitions by the scope at which they begin ("" the root's).

    Of turns that people had `set_aside` only the ids are left; `taken_over` are the numbers of the events that bring
    answers of another run.
    """

    definitions: Mapping[str, Mapping[str, Any]]
    events: list[Event] = field(default_factory=list)
    turns: dict[str, Go] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    set_aside: set[str] = field(default_factory=set)
    taken_over: set[int] = field(default_factory=set)

    @property
    def end(self) -> End | None:
        """The end of the root run."""
        return next((end for end in self.ends if not end.child), None)

    @property
    def scopes(self) -> list[str]:
        """The teams that took turns, in the order in which they began."""
        return list(dict.fromkeys(go.scope for go in self.turns.values()))

    def answers(self, scope: str, *purposes: str) -> list[Said]:
        """What was answered in a team for these purposes, in order of arrival; nested teams' results are not."""
        agents = [go for go in self.turns.values() if go.scope == scope and go.purpose in purposes and not go.began]
        return sorted((said for go in agents if (said := go.answer)), key=lambda said: said.seq)

    def definition_of(self, scope: str) -> Mapping[str, Any]:
        """The definition that the team of a scope comes from: its own, or that of the team around it."""
        around = [key for key in self.definitions if scope == key or scope.startswith(f"{key}." if key else "")]
        return self.definitions[max(around, key=len)] if around else {}

    def asked_between(self, first: int, last: int) -> list[Question]:
        """The questions that people answered between two events."""
        return [question for question in self.questions.values() if first < question.closed < last]
