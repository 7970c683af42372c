"""Who waits for whom, on plain data: circles and dead ends are found and named, all else is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.blocked.graph import Node, impasses


def node(key: str, *waits_for: str, moving: bool = False, team: str = "", why: str = "") -> Node:
    kinds = {"r": "run", "t": "turn", "q": "question", "p": "person"}
    return Node(key, kinds[key[0]], f"N{key}", waits_for, moving, team=team, why=why)  # type: ignore[arg-type]


PAT = node("p", moving=True)
AT_WORK = node("t0", moving=True)
FINE = [
    ("nothing", []),
    ("somebody works", [node("r", "t0"), AT_WORK]),
    ("people are asked", [node("r", "t1"), node("t1", "q1"), node("q1", "p"), PAT]),
    ("one of two is asked nobody but the other works on", [node("r", "t0", "t1"), AT_WORK, node("t1", "r2"),
     node("r2", "t0")]),
    ("nested three deep", [node("r", "t1"), node("t1", "r2"), node("r2", "t2"), node("t2", "r3"), node("r3", "t0"),
     AT_WORK]),
    ("a timer wakes it", [node("r", moving=True)]),
]  # fmt: skip
STUCK = [
    ("a question that nobody here may decide", [node("r", "t1"), node("t1", "q1"), node("q1", why="Nobody may.")],
     [("dead end", ("q1",), "Nobody may.")]),
    ("who may has left", [node("r", "t1"), node("t1", "q1"), node("q1", "p9", why="Pat left.")],
     [("dead end", ("q1",), "Pat left.")]),
    ("waiting for people, and nothing is asked", [node("r", "t1"), node("t1")],
     [("dead end", ("t1",), "Nt1 waits, and nobody is asked and nothing is waited for.")]),
    ("a nested run whose turn is over", [node("r", "t0"), AT_WORK, node("r2", why="Its turn is over.")],
     [("dead end", ("r2",), "Its turn is over.")]),
    ("two runs wait for each other", [node("r1", "t1"), node("t1", "r2"), node("r2", "t2"), node("t2", "r1")],
     [("circle", ("r1", "t1", "r2", "t2"), "They wait for each other: Nr1 → Nt1 → Nr2 → Nt2 → Nr1.")]),
    ("a circle, and one who waits behind it", [node("r0", "t0"), node("t0", "r1"), node("r1", "t1"), node("t1", "r1")],
     [("circle", ("r1", "t1"), "They wait for each other: Nr1 → Nt1 → Nr1.")]),
    ("teams hand their work round", [node("r1", "t1", team="a"), node("t1", "r2"), node("r2", "t2", team="b"),
     node("t2", "r3"), node("r3", "t0", team="a"), AT_WORK],
     [("circle", ("r1", "t1", "r2", "t2", "r3"), "The teams lead in a circle: a → b → a.")]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "nodes"), FINE, ids=[row[0] for row in FINE])
def test_what_can_go_on_is_no_impasse(why: str, nodes: list[Node]) -> None:
    assert impasses(nodes) == []


@pytest.mark.parametrize(("why", "nodes", "found"), STUCK, ids=[row[0] for row in STUCK])
def test_what_cannot_go_on_is_named(why: str, nodes: list[Node], found: list[tuple[str, tuple[str, ...], str]]) -> None:
    assert [(one.kind, one.keys, one.sentence) for one in impasses(nodes)] == found


KEYS = [f"{kind}{number}" for kind in "rtq" for number in range(4)]
GRAPHS = st.dictionaries(
    st.sampled_from(KEYS),
    st.tuples(st.lists(st.sampled_from(KEYS), max_size=3, unique=True), st.booleans()),
    max_size=9,
)


def reaches(graph: dict[str, tuple[list[str], bool]], start: str) -> set[str]:
    """All that is waited for from there, over any number of others."""
    seen, new = {start}, [start]
    while new:
        more = [one for one in graph[new.pop()][0] if one in graph and one not in seen]
        seen.update(more)
        new += more
    return seen


@settings(max_examples=1000, deadline=None)
@given(GRAPHS)
def test_an_impasse_is_named_exactly_where_nobody_moves(graph: dict[str, tuple[list[str], bool]]) -> None:
    found = impasses([node(key, *ahead, moving=moving) for key, (ahead, moving) in graph.items()])
    named = {key for one in found for key in one.keys}
    stuck = {key for key in graph if not any(graph[one][1] for one in reaches(graph, key))}
    assert named <= stuck, "who can go on was named"
    assert all(reaches(graph, key) & named for key in stuck), "somebody is stuck and nothing of it was named"
