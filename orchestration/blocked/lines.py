"""What each open turn of a run waits for, in words: the lines under "Blocked by" on its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from orchestration.blocked.graph import Node, impasses
from orchestration.blocked.reading import nodes_of, open_tree
from orchestration.models import Run


@dataclass(frozen=True, slots=True)
class Line:
    """An open turn: whose it is, what it waits for ("" while it is worked at), since when, and what is wrong with it.

    `question` is the id of the approval it waits for, if it is one.
    """

    who: str
    waits_for: str
    since: datetime | None
    problem: str = ""
    question: str = ""


def blocked_lines(run: Run) -> list[Line]:
    """Return a line for each open turn of a root run and of all that is nested in it."""
    tree = open_tree([run.id])
    nodes = nodes_of(tree)
    graph = {node.key: node for node in nodes}
    wrong = {key: one.sentence for one in impasses(nodes) for key in one.keys}
    return [_line(node, graph, wrong) for node in nodes if node.kind == "turn"]


def _line(turn: Node, graph: Mapping[str, Node], wrong: Mapping[str, str]) -> Line:
    ahead = [graph[key] for key in turn.waits_for if key in graph]
    asked = next((node for node in ahead if node.kind == "question"), None)
    problem = next((wrong[node.key] for node in (turn, *ahead) if node.key in wrong), "")
    if asked is not None:
        people = [graph[key].name for key in asked.waits_for]
        question = asked.key.partition(":")[2]
        return Line(turn.name, " or ".join(people) or "people", asked.since, problem, question)
    if ahead:
        who = " and ".join(node.name if node.kind == "run" else f"{node.name}, who verifies it" for node in ahead)
        return Line(turn.name, who, max((one.since for one in ahead if one.since), default=turn.since), problem)
    return Line(turn.name, "", turn.since, problem)
