"""The graph of who waits for whom, as plain data, and what in it can never go on: circles and dead ends.

Pure. What goes on by itself is `moving`: a worker has it, a timer will wake it, a person is there. Everything else
waits for others; where none of them moves, nor what they wait for, nothing ever will.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["run", "turn", "question", "person"]


@dataclass(frozen=True, slots=True)
class Node:
    """One that works or waits. `name` is how people know it, `team` (of a run) whose run it is, `why` says in a
    sentence why nobody can help, where `waits_for` is empty and it does not move."""

    key: str
    kind: Kind
    name: str
    waits_for: tuple[str, ...] = ()
    moving: bool = False
    since: datetime | None = None
    team: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Impasse:
    """What can never go on: a circle of those who wait for each other, or an end where nobody is waited for.

    `keys` are the nodes of the circle, or the one at the dead end; `sentence` says it to people.
    """

    kind: Literal["circle", "dead end"]
    keys: tuple[str, ...]
    sentence: str


def impasses(nodes: Iterable[Node]) -> list[Impasse]:
    """Return every circle and every dead end; what only waits behind one of them is not named again."""
    graph = {node.key: node for node in nodes}
    stuck = graph.keys() - _moving(graph)
    found = [_circle(graph, way) for way in _circles(graph, stuck)]
    in_circles = {key for circle in found for key in circle.keys}
    ends = [graph[key] for key in graph if key in stuck and not any(one in graph for one in graph[key].waits_for)]
    found += [Impasse("dead end", (node.key,), node.why or _nobody(node)) for node in ends]
    return found + [one for one in _same_teams(graph) if not in_circles.issuperset(one.keys)]


def _moving(graph: Mapping[str, Node]) -> set[str]:
    """All that moves, and all that waits for something that does."""
    waiting: dict[str, list[str]] = {}
    for node in graph.values():
        for one in node.waits_for:
            waiting.setdefault(one, []).append(node.key)
    moving = {node.key for node in graph.values() if node.moving}
    new = list(moving)
    while new:
        freed = [key for key in waiting.get(new.pop(), ()) if key not in moving]
        moving.update(freed)
        new += freed
    return moving


def _circles(graph: Mapping[str, Node], stuck: set[str]) -> Iterator[list[str]]:
    """Each circle among those who are stuck, once, from where it is met first."""
    seen: set[str] = set()
    for start in graph:
        way: list[str] = []
        key = start
        while key in stuck and key not in seen and key not in way:
            way.append(key)
            key = next((one for one in graph[key].waits_for if one in stuck), "")
        if key in way:
            yield way[way.index(key) :]
        seen.update(way)


def _circle(graph: Mapping[str, Node], way: list[str]) -> Impasse:
    names = [graph[key].name for key in [*way, way[0]]]
    return Impasse("circle", tuple(way), f"They wait for each other: {' → '.join(names)}.")


def _nobody(node: Node) -> str:
    return f"{node.name} waits, and nobody is asked and nothing is waited for."


def _same_teams(graph: Mapping[str, Node]) -> Iterator[Impasse]:
    """A run that, over others, waits for another run of its own team: the teams hand their work round."""
    for node in graph.values():
        if not node.team:
            continue
        way = _to_own_team(graph, node)
        if way:
            teams = [graph[key].team for key in way if graph[key].team]
            yield Impasse("circle", tuple(way), f"The teams lead in a circle: {' → '.join(teams)}.")


def _to_own_team(graph: Mapping[str, Node], node: Node) -> list[str]:
    ways = [[node.key]]
    while ways:
        way = ways.pop()
        for one in graph[way[-1]].waits_for:
            if one in graph and one not in way:
                if graph[one].team == node.team:
                    return [*way, one]
                ways.append([*way, one])
    return []
