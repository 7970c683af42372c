"""The peer's side of the case: LangGraph with its PostgreSQL checkpointer, keeping each step or only a run's end."""

import operator
import os
import time
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.turns.measuring import Carry, measure, warming
from benchmarks.turns.shapes import DURABILITY, asked, tell


class State(TypedDict):
    """What the agents share: what was said, and when each was asked."""

    said: Annotated[list[dict[str, Any]], operator.add]
    times: Annotated[list[float], operator.add]


def brain(name: str) -> Any:
    """A node that takes no time."""

    def node(state: State) -> dict[str, Any]:
        said = {"agent": name, "summary": f"{name} says {len(state['said'])}.", "number": len(state["said"])}
        return {"said": [said], "times": [time.perf_counter()]}

    return node


def handing(name: str, to: str) -> Any:
    """A node that hands on to the next."""
    node = brain(name)
    return lambda state: Command(update=node(state), goto=to)


def graph_of(shape: str) -> StateGraph[State]:
    """The shape as a graph: a node a turn."""
    pattern, _, count = shape.rpartition("-")
    graph = StateGraph(State)
    names = [f"a{number}" for number in range(2 if pattern == "group-chat" else int(count))]
    for number, name in enumerate(names):
        last = number == len(names) - 1
        graph.add_node(name, handing(name, END if last else names[number + 1]) if pattern == "handoff" else brain(name))
    if pattern == "concurrent":
        for name in names:
            graph.add_edge(START, name)
            graph.add_edge(name, END)
        return graph
    graph.add_edge(START, names[0])
    if pattern == "group-chat":
        for name, other in zip(names, reversed(names), strict=True):
            graph.add_conditional_edges(
                name, lambda state, to=other: END if len(state["said"]) >= int(count) else to, [other, END]
            )
    elif pattern == "sequential":
        for name, following in zip(names, [*names[1:], END], strict=True):
            graph.add_edge(name, following)
    return graph


def prepare(url: str) -> Carry:
    """Compile the graph over a pool of connections, as its documentation says."""
    _, _, case = asked()
    durability = os.environ[DURABILITY]
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool = ConnectionPool(url, min_size=case.threads, max_size=case.threads + 1, kwargs=options)
    compiled = graph_of(case.shape).compile(checkpointer=PostgresSaver(pool))

    def carry(key: str) -> Sequence[float]:
        config: Any = {"configurable": {"thread_id": key}, "recursion_limit": 50}
        end = compiled.invoke({"said": [], "times": []}, config, durability=durability)
        return [*sorted(end["times"]), time.perf_counter()]

    return carry


def main() -> None:
    """Measure one case."""
    url, postmaster, case = asked()
    with ConnectionPool(url, min_size=1, max_size=1, kwargs={"autocommit": True, "row_factory": dict_row}) as pool:
        PostgresSaver(pool).setup()
    tell(
        measure(
            url,
            postmaster,
            case,
            [uuid.uuid4().hex for _ in range(case.runs + case.processes * warming(case))],
            prepare,
        )
    )


if __name__ == "__main__":
    main()
