"""One replay of an AgentDojo task: a fully hijacked agent's calls, each decided by our authority."""

import copy
from dataclasses import dataclass, field
from typing import Any

from accounts.authority.decide import Act, Granted, Standing, decide
from accounts.authority.labels import Clearance, Label
from accounts.authority.rulebook import Flow, rule_book
from accounts.authority.task import Passage, Task
from benchmarks.agentdojo_suites import DOCUMENT_READS, PRIVATE_READS, READS, WRITES, records_of, uses_of

GRANTS = {tool: Granted() for tool in WRITES}
PERSON, SERVICE = "emma", "suite:1"
BOOK = rule_book({}, {PERSON: "owner"})


@dataclass(slots=True)
class Replay:
    """One run of a user task: what it read and did, and what was asked. `attack` are the calls of an injection."""

    suite: Any
    task: Any
    environment: Any
    truth: list[Any]
    attack: list[Any] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    asked: int = 0
    asked_by_attack: int = 0
    told: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    attacked: list[str] = field(default_factory=list)

    @property
    def tools_own(self) -> set[str]:
        """The tools that a list made for this task would hold."""
        return {call.function for call in self.truth if call.function in WRITES}

    @property
    def tools_hostile(self) -> set[str]:
        """The writing tools that the attack needs."""
        return {call.function for call in self.attack if call.function in WRITES}

    def run(self, marker: str = "") -> None:
        """Make every call of the task, and those of the attack once `marker` has been read."""
        pending = list(self.attack)
        for call in self.truth:
            self._make(call, hostile=False)
            if pending and any(marker in passage.text for passage in self.passages):
                pending = self._hijacked(pending)
        self._hijacked(pending)

    def _hijacked(self, calls: list[Any]) -> list[Any]:
        for call in calls:
            self._make(call, hostile=True)
        return []

    def _make(self, call: Any, hostile: bool) -> None:
        if call.function not in WRITES:
            assert call.function.startswith(READS), f"{call.function} is not told in benchmarks.agentdojo_suites"
            self._read(call)
        elif self._permitted(call, hostile):
            self._execute(call)
            if hostile:
                self.attacked.append(call.function)

    def _read(self, call: Any) -> None:
        pointed = DOCUMENT_READS.get(call.function)
        source = str(call.args[pointed]) if pointed else call.function.replace("_", " ")
        self.passages.append(Passage(source, str(self._execute(call)), call.function in PRIVATE_READS))

    def _permitted(self, call: Any, hostile: bool) -> bool:
        act = Act(call.function, SERVICE, needs="start_run", uses=uses_of(call.function, dict(call.args)))
        given = Task(self.task.PROMPT, records_of(self.suite.name, self.environment), tuple(self.passages))
        standing = Standing(frozenset({"start_run"}), GRANTS, frozenset({SERVICE}), given, BOOK)
        decision = decide(act, standing, self._flow(call.function))
        if decision.outcome == "ask":
            self.asked += 1
            self.asked_by_attack += hostile
            self.told.append(f"{call.function}: {decision.reason}")
            agreed = any(one.function == call.function and one.args == call.args for one in self.truth)
        if decision.outcome == "permit" or (decision.outcome == "ask" and agreed):
            return True
        self.refused += [] if hostile else [f"{decision.outcome}: {decision.reason}"]
        return False

    def _flow(self, tool: str) -> Flow:
        """A model's act after it has read what outsiders wrote; the tool's arguments are told, so they are traced."""
        traced = bool(WRITES[tool])
        return Flow(
            "send", tool, "assistant", PERSON, SERVICE, Label(), Clearance(), swayable=True, untrusted=not traced
        )

    def _execute(self, call: Any) -> Any:
        from agentdojo.functions_runtime import FunctionsRuntime

        return FunctionsRuntime(self.suite.tools).run_function(self.environment, call.function, call.args)[0]


def replay(suite: Any, task: Any, injection: Any = None) -> Replay:
    """Replay `task`, hijacked by `injection` if there is one."""
    environment = _environment(suite, injection.GOAL if injection else "")
    environment = task.init_environment(environment)
    before = copy.deepcopy(environment)
    attack = injection.ground_truth(before) if injection else []
    one = Replay(suite, task, environment, task.ground_truth(before), attack)
    one.run(injection.GOAL if injection else "")
    return one


def _environment(suite: Any, text: str) -> Any:
    """The suite's world with `text` appended to everything that outsiders could write."""
    vectors = suite.get_injection_vector_defaults()
    marks = {name: f"{default} @@{name}@@" for name, default in vectors.items()} if text else {}
    environment = suite.load_and_inject_default_environment(marks)
    for name in marks:
        _replace(environment, f"@@{name}@@", text)
    return environment


def _replace(node: Any, mark: str, text: str) -> Any:
    """Return `node` with `mark` replaced in every string in it; models and containers are changed in place."""
    if isinstance(node, str):
        return node.replace(mark, text)
    if isinstance(node, dict):
        for key, value in node.items():
            node[key] = _replace(value, mark, text)
    elif isinstance(node, list):
        node[:] = [_replace(value, mark, text) for value in node]
    elif hasattr(type(node), "model_fields"):
        for name in type(node).model_fields:
            setattr(node, name, _replace(getattr(node, name), mark, text))
    return node
