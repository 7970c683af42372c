"""The graph of who waits for whom as the database has it: one run with all that is nested in it, or many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from orchestration.approvals.cards import ASKED
from orchestration.blocked.graph import Node
from orchestration.models import Approval, Run, Turn
from orchestration.policies import deciders
from workrooms.models import Participant

NOBODY = "Nobody here may decide "
MARK = "?"  # what follows it in a turn's place is the number of its verification


@dataclass(slots=True)
class Tree:
    """What is open of some root runs: the runs with all nested in them, their turns and questions, and who may decide.

    `beneath` has the keys of the nodes that belong to a run or a turn, by its id.
    """

    runs: dict[UUID, Run]
    turns: dict[UUID, Turn]
    questions: dict[UUID, Approval]
    may: dict[UUID, list[Participant]] = field(default_factory=dict)
    beneath: dict[Any, list[str]] = field(default_factory=dict)


def open_tree(roots: Iterable[UUID]) -> Tree:
    """Read what is open of these root runs: the runs first, so that none that ends meanwhile seems to be missed."""
    listed = list(roots)
    rows = Run.objects.filter(Q(pk__in=listed) | Q(root__in=listed)).exclude(state__in=Run.ENDED)
    runs = {run.id: run for run in rows.select_related("workroom", "version__team", "parent", "root")}
    turns = {turn.id: turn for turn in Turn.objects.filter(run__in=runs, state__in=Turn.OPEN).order_by("number")}
    about = Approval.objects.filter(run__in=runs, state=Approval.State.OPEN).select_related("workroom", "turn")
    tree = Tree(runs, turns, {one.id: one for one in about.order_by("created_at")})
    _who_may(tree)
    _beneath(tree)
    return tree


def _who_may(tree: Tree) -> None:
    people: dict[UUID, list[Participant]] = {one.workroom_id: [] for one in tree.questions.values()}
    for one in Participant.objects.filter(workroom__in=people).exclude(relation="agent").select_related("user"):
        people[one.workroom_id].append(one)
    tree.may = {key: deciders(one, people[one.workroom_id]) for key, one in tree.questions.items()}


def _beneath(tree: Tree) -> None:
    def put(above: Any, key: str) -> None:
        tree.beneath.setdefault(above, []).append(key)

    for one in tree.questions.values():
        put(one.run_id, f"question:{one.id}")
        put(one.turn_id, f"question:{one.id}")
    for run in tree.runs.values():
        put(run.parent_id, f"run:{run.id}")
    at = {(turn.run_id, turn.member): turn for turn in tree.turns.values()}
    for turn in tree.turns.values():
        put(turn.run_id, f"turn:{turn.id}")
        author = at.get((turn.run_id, turn.member.partition(MARK)[0]))
        if author is not None and author is not turn:
            put(author.id, f"turn:{turn.id}")


def nodes_of(tree: Tree) -> list[Node]:
    """Return who waits for whom in it."""
    present = {one.user_id: one.user.name for deciding in tree.may.values() for one in deciding}
    return [
        *(_run(run, tree) for run in tree.runs.values()),
        *(_turn(turn, tree) for turn in tree.turns.values()),
        *(_question(one, tree.may[one.id]) for one in tree.questions.values()),
        *(Node(f"person:{key}", "person", name, moving=True) for key, name in present.items()),
    ]


def _run(run: Run, tree: Tree) -> Node:
    name = f"run {run.number}" if run.parent is None else f"the team {run.parent.agent}"
    team = "" if run.path else run.version.team.slug
    since = run.waiting_since or run.started_at or run.created_at
    if run.parent is not None and run.parent.state not in Turn.OPEN:
        why = f"{name[0].upper()}{name[1:]} goes on although its turn is over: nobody waits for it any more."
        return Node(f"run:{run.id}", "run", name, (), run.heal_at is not None, since, team, why)
    moving = run.heal_at is not None or Run.State.PAUSED in (run.state, run.root_or_own.state)
    return Node(f"run:{run.id}", "run", name, tuple(tree.beneath.get(run.id, ())), moving, since, team)


def _turn(turn: Turn, tree: Tree) -> Node:
    run = tree.runs[turn.run_id]
    worked_at = turn.user_id is not None and turn.state == Turn.State.CLAIMED and turn.lease_until is not None
    moving = worked_at or (turn.state == Turn.State.READY and run.heal_at is not None)
    since = turn.last_activity_at or turn.started_at or turn.created_at
    waits_for = tuple(tree.beneath.get(turn.id, ()))
    return Node(f"turn:{turn.id}", "turn", turn.agent, waits_for, moving, since, why=_why(turn))


def _why(turn: Turn) -> str:
    """What is wrong where a turn waits for nothing that is there."""
    if turn.state == Turn.State.READY:
        return f"{turn.agent} could go on, but nothing wakes its run."
    if turn.state == Turn.State.WAITING:
        return f"{turn.agent} waits for people, but nothing is asked of them."
    if turn.user_id is None:
        return f"The team {turn.agent} is over, but its turn was not told."
    return f"{turn.agent} waits to be verified, but nobody verifies it."


def _question(approval: Approval, may: Sequence[Participant]) -> Node:
    missing = approval.quorum - (len(approval.votes) if approval.quorum > 1 else 0)
    who = f"{missing} people" if missing > 1 else ASKED.get(approval.relation, "people")
    but = " other than who asked" if approval.not_requester else ""
    why = f"{NOBODY}“{approval.title}”: it is for {who}{but}."
    people = tuple(f"person:{one.user_id}" for one in may) if len(may) >= missing else ()
    since = approval.escalated_at or approval.created_at
    return Node(f"question:{approval.id}", "question", approval.title, people, since=since, why=why)
