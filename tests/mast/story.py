"""A run written down as its events, the way the engine does it: what a story leaves out, no detector can see."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orchestration.failures.events import read_trace
from orchestration.failures.trace import Trace

Output = dict[str, Any]
NOUNS = [
    "invoice",
    "claim",
    "policy",
    "letter",
    "report",
    "contract",
    "estimate",
    "statement",
    "receipt",
    "photo",
    "record",
    "form",
    "ledger",
    "notice",
]
VERBS = [
    "covers",
    "names",
    "lists",
    "omits",
    "confirms",
    "mentions",
    "shows",
    "states",
    "supports",
    "contradicts",
    "repeats",
    "explains",
]
THINGS = [
    "repair",
    "deductible",
    "second driver",
    "tow",
    "rental car",
    "earlier loss",
    "mileage",
    "bumper",
    "limit",
    "hospital bill",
    "date of loss",
    "premium",
    "missing page",
    "other vehicle",
]
NAMES = ["ada", "ben", "cam", "dora", "eli", "fay", "gus", "hana", "ivo", "june"]


def digest(value: Any) -> str:
    """What stands for a value, as the engine's digests do."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@dataclass
class Story:
    """One run being told. `definition` is its team's, `inside` the place of the nested team in which it plays."""

    dice: random.Random
    definition: dict[str, Any]
    inside: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)
    agent_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.run, self.seq = self.identity(), self.dice.randrange(10, 900)
        self.people = f"person:{self.identity()}"
        limits = {"turns": 30, "tokens": 200_000, "seconds": 900, "cost_cents": 500}
        payload = {"team": "players", "version": 1, "goal": self.sentence(), "documents": [], "scope": [],
                   "limits": limits, "thread": None, "message": self.identity()}  # fmt: skip
        self.record("run.started", object=f"run:{self.run}", payload=payload)
        if self.inside:
            self.outer, self.child = self.identity(), self.identity()
            started = {"agent": "inner", "member": self.inside, "purpose": "work", "given": digest({})}
            self.record("turn.started", turn=self.outer, payload=started)
            self.nest(self.outer, self.child)

    def identity(self) -> str:
        return str(UUID(int=self.dice.getrandbits(128)))

    def sentence(self, number: int = 1) -> str:
        """So many sentences that hardly come up twice."""
        pick = self.dice.choice
        said = [
            f"The {pick(NOUNS)} {self.dice.randrange(10, 9999)} {pick(VERBS)} the {pick(THINGS)}" for _ in range(number)
        ]
        return ". ".join(said) + "."

    def record(self, kind: str, payload: dict[str, Any], actor: str = "system", turn: str = "", **more: Any) -> int:
        self.seq += self.dice.choice((1, 1, 1, 2, 5))
        about = {"object": more.get("object") or (f"turn:{turn}" if turn else None), "turn": turn or None}
        self.events.append(
            {"seq": self.seq, "kind": kind, "actor": actor, "on_behalf_of": self.people, "run": self.run,
             "decision": more.get("decision"), "payload": payload, **about}
        )  # fmt: skip
        return self.seq

    def place(self, key: str) -> str:
        return f"{self.inside}.{key}" if self.inside else key

    def begin(self, agent: str, key: str, purpose: str = "work", given: Any = None, note: str = "") -> str:
        """Begin a turn of `agent` at the place `key` and return its id."""
        turn = self.identity()
        self.agent_of[turn] = agent
        given = {"question": self.sentence()} if given is None else given
        payload = {"agent": agent, "member": self.place(key), "purpose": purpose, "given": digest(given)}
        self.record("turn.started", payload | ({"note": note} if note else {}), self.actor(agent), turn)
        self.identify(turn)
        return turn

    def actor(self, agent: str) -> str:
        return f"agent:{UUID(int=int(digest(agent)[:32], 16))}"

    def identify(self, turn: str) -> None:
        """The agent proves who it is: once for each attempt."""
        payload = {"key": "5857", "signature": "AUqT", "credential": {"run": self.run}}
        self.record("agent.identified", payload, self.actor(self.agent_of[turn]), turn)

    def call(self, turn: str, tool: str, arguments: Any, trial: int = 0, kind: str = "", **logged: Any) -> int:
        """One use of a tool, as it is closed."""
        kind = kind or {"documents.read": "document.read", "messages.search": "message.searched"}.get(
            tool, "tool.failed"
        )
        payload = {"tool": tool, **logged, "arguments": digest([tool, arguments]), "try": trial}
        return self.record(kind, payload, self.actor(self.agent_of[turn]), turn, object=f"call:{self.identity()}")

    def deny(self, turn: str, tool: str, factor: str, reason: str) -> None:
        """The authority refuses a call because of one factor."""
        said = {
            name: {"outcome": "permit", "reason": "It may."} for name in ("person", "agent", "task", "data", "room")
        }
        said[factor] = {"outcome": "deny", "reason": reason}
        logged: dict[str, Any] = {"object": "document:x", "outcome": "deny", "factors": said}
        self.call(turn, tool, self.sentence(), kind="authority.denied", **logged)

    def answer(
        self, turn: str, output: Output | None, state: str = "finished", error: str = "", attempt: int = 1
    ) -> int:
        """The turn is told: its output, or why there is none."""
        agent = self.agent_of[turn]
        payload = {"agent": agent, "state": state, "output": output, "error": error, "attempt": attempt}
        payload |= {"thread": self.identity(), "message": self.identity()}
        return self.record(f"turn.{state}", payload, self.actor(agent), turn)

    def take(self, agent: str, key: str, output: Output, purpose: str = "work", **more: Any) -> str:
        """A whole turn, with a little reading on the way."""
        turn = self.begin(agent, key, purpose, **more)
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            self.call(turn, "messages.search", self.sentence(), query=self.sentence(), messages=[])
        self.answer(turn, output)
        return turn

    def ask(self, turn: str, act: str, reason: str, decision: str = "", rule: str = "", output: Any = None) -> None:
        """People are asked about a turn, and answer with `decision` (approved, edited, rejected, or not yet)."""
        about = f"approval:{self.identity()}"
        rules = [rule or act]
        payload = {"digest": digest(reason), "execution": "none", "rules": rules, "reasons": [reason]}
        action: Output = {"act": act, "agent": self.agent_of[turn], "output": output or {}, "documents": []}
        opened = payload | {"state": "open", "action": action, "message": self.identity()}
        self.record("approval.opened", opened, self.actor(self.agent_of[turn]), turn, object=about)
        self.told("waiting")
        if decision:
            closing = {"state": "approved", "decision": "approve", "reason": "Fine.", "edits": None}
            self.record(f"approval.{decision}", payload | closing, self.people, turn, object=about)

    def told(self, state: str, reason: str = "") -> None:
        self.record("run.told", {"state": state, "reason": reason}, object=f"run:{self.run}")

    def nest(self, turn: str, child: str) -> None:
        payload = {"team": "inner", "parent": self.run, "version": self.identity()}
        self.record("run.started", payload, turn=turn, object=f"run:{child}")

    def over(self, run: str, state: str, reason: str, result: Output | None, child: bool) -> None:
        payload = {"reason": reason, "result": result, "child": child}
        self.record(f"run.{state}", payload, object=f"run:{run}")

    def finish(self, result: Output | None, reason: str = "") -> None:
        """The run ends with a result, `reason` being its warning."""
        if self.inside:
            self.over(self.child, "finished", reason, result, True)
        self.over(self.run, "finished", reason, result, False)
        self.told("finished", reason)

    def stop(self, reason: str) -> None:
        """The run is stopped."""
        if self.inside:
            self.over(self.child, "stopped", reason, None, True)
        self.over(self.run, "stopped", reason, None, False)
        self.told("stopped", reason)

    def retry(self, turns: Sequence[str], reason: str) -> None:
        """The run is stopped, and people have the first of these turns taken again: all of them are set aside."""
        self.stop(reason)
        first = {"agent": self.agent_of[turns[0]], "turn": 2, "set_aside": len(turns), "before": reason}
        self.record("run.retried", first, self.people, turns[0], object=f"run:{self.run}")
        for number, turn in enumerate(turns, start=2):
            payload = {"agent": self.agent_of[turn], "was": "finished", "number": number}
            self.record("turn.superseded", payload, self.people, turn)

    def take_over(self, agent: str, key: str, output: Output, purpose: str = "work") -> str:
        """An answer that another run came to."""
        turn = self.identity()
        self.agent_of[turn] = agent
        payload = {"agent": agent, "member": self.place(key), "purpose": purpose, "state": "finished", "output": output,
                   "edited": False, "from_run": 3, "from_turn": self.identity()}  # fmt: skip
        self.record("turn.replayed", payload, self.people, turn)
        return turn

    def trace(self, definitions: Mapping[str, Any] | None = None) -> Trace:
        return read_trace(self.events, definitions or {"": self.definition})


def team(
    pattern: str, agents: Sequence[str], checks: Mapping[str, list[Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """A team whose agents' answers are each checked by a rule, unless `checks` says by what."""
    rule = [{"rule": "size(output.summary) > 3"}]
    given = {name: {"role": "Works", "checks": rule if checks is None else checks.get(name, [])} for name in agents}
    return {"schema": 1, "name": "Players", "pattern": pattern, "agents": given, **more}
