"""A run as its events tell it: turns, what was said in them, calls, questions to people, ends.

Events are dicts as exports have them (`seq`, `kind`, `actor`, `object`, `turn`, `payload`, …), of a root run and of all
that is nested in it, in order. An event whose payload was erased says nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.patterns.base import place_of

Event = Mapping[str, Any]
WORK = ("work", "join", "final")
UNDER_WAY = ("tool.started", "authority.asked")
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
    """Everything of one run; `definitions` are teams' definitions by the scope at which they begin ("" the root's)."""

    definitions: Mapping[str, Mapping[str, Any]]
    events: list[Event] = field(default_factory=list)
    turns: dict[str, Go] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)

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


def read_trace(events: Iterable[Event], definitions: Mapping[str, Mapping[str, Any]]) -> Trace:
    """Read the events of one run."""
    trace = Trace(definitions, [event for event in events if event.get("payload") is not None])
    for event in trace.events:
        _read(trace, event, str(event["kind"]), event["payload"])
    return trace


def _read(trace: Trace, event: Event, kind: str, payload: Mapping[str, Any]) -> None:
    noun, _, verb = kind.partition(".")
    go = trace.turns.get(str(event.get("turn")))
    if kind == "turn.started":
        trace.turns[str(event["turn"])] = _begun(event, payload)
    elif kind == "run.started" and go is not None:
        go.began.append(int(event["seq"]))
    elif noun == "run" and verb in ("finished", "failed", "stopped"):
        run = str(event.get("object") or "").partition(":")[2]
        told = (str(payload.get("reason") or ""), payload.get("result"), bool(payload.get("child")))
        trace.ends.append(End(int(event["seq"]), run, verb, *told))
    elif noun == "approval":
        _asked(trace, event, verb, payload)
    elif noun == "turn" and "output" in payload and go is not None:
        output = payload.get("output") or {}
        go.told.append(Said(go, int(event["seq"]), verb, output, str(payload.get("error") or "")))
    elif go is not None and "tool" in payload and kind not in UNDER_WAY:
        go.calls.append(_called(event, kind, payload))


def _begun(event: Event, payload: Mapping[str, Any]) -> Go:
    member = str(payload["member"])
    place = place_of(member.partition(VERIFIES)[0])
    return Go(
        id=str(event["turn"]),
        seq=int(event["seq"]),
        agent=str(payload["agent"]),
        member=member,
        purpose=str(payload["purpose"]),
        given=str(payload.get("given") or ""),
        note=str(payload.get("note") or ""),
        scope=place.rpartition(".")[0],
    )


def _asked(trace: Trace, event: Event, verb: str, payload: Mapping[str, Any]) -> None:
    key = str(event.get("object"))
    if verb == "opened":
        act = str((payload.get("action") or {}).get("act", ""))
        rules, reasons = payload.get("rules") or [], payload.get("reasons") or []
        trace.questions[key] = Question(int(event["seq"]), str(event.get("turn")), act, rules, reasons)
    elif key in trace.questions and verb in ("approved", "edited", "rejected", "expired"):
        trace.questions[key].answer, trace.questions[key].closed = verb, int(event["seq"])


def _called(event: Event, kind: str, payload: Mapping[str, Any]) -> Call:
    rest = {name: value for name, value in payload.items() if name not in ("tool", "arguments", "try")}
    outcome = f"{kind} {json.dumps(rest, sort_keys=True, default=str)}"
    arguments, trial = str(payload.get("arguments") or event["seq"]), int(payload.get("try") or 0)
    return Call(int(event["seq"]), kind, str(payload["tool"]), arguments, trial, outcome, payload)
