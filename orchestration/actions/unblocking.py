"""What can never go on by itself is put right where that is safe, and put to people otherwise."""

from uuid import UUID

from django.utils import timezone

from accounts.tenancy import unit_of_work
from orchestration.actions.deadlines import escalate
from orchestration.asking.questions import ask_how_to_go_on
from orchestration.blocked.graph import Impasse, impasses
from orchestration.blocked.reading import NOBODY, Tree, nodes_of, open_tree
from orchestration.holding import locked_run
from orchestration.models import Approval, Run, Turn
from orchestration.policies import deciders
from orchestration.queue import enqueue
from orchestration.telling import tell_run
from orchestration.turns import heal_time


def unblock(organization_id: UUID, roots: list[UUID]) -> list[str]:
    """Look at root runs of one organization; return what was found in them, a sentence each.

    Each impasse is looked at again under its run's lock, in a unit of work of its own, so nothing is done about what
    only seemed to be one.
    """
    with unit_of_work(organization_id):
        tree = open_tree(roots)
        seen = impasses(nodes_of(tree))
        resolved = _somebody_came(roots, [one.sentence for one in seen])
    for root_id in resolved:
        with unit_of_work(organization_id):
            _say(root_id, "")
    done = []
    for found in seen:
        with unit_of_work(organization_id):
            run = locked_run(_run_of(tree, found.keys[0]))
            if run is not None and _still(run, found):
                _put_right(run, found)
                done.append(found.sentence)
    return done


def _run_of(tree: Tree, key: str) -> UUID:
    kind, _, identity = key.partition(":")
    if kind == "turn":
        return UUID(str(tree.turns[UUID(identity)].run_id))
    return UUID(str(tree.questions[UUID(identity)].run_id)) if kind == "question" else UUID(identity)


def _still(run: Run, found: Impasse) -> bool:
    return found in impasses(nodes_of(open_tree([run.root_id_or_own])))


def _put_right(run: Run, found: Impasse) -> None:
    kind, _, identity = found.keys[0].partition(":")
    if found.kind == "circle":
        _stop(run, found.sentence)
    elif kind == "question":
        _find_somebody(run, UUID(identity), found.sentence)
    elif kind == "turn":
        _take_up(run, Turn.objects.select_related("user").get(pk=identity), found.sentence)
    else:
        _wake(run)


def _wake(run: Run) -> None:
    """A run whose turn is over stops by itself when it is advanced; one with a turn that is ready takes it."""
    Run.objects.filter(pk=run.pk).update(heal_at=heal_time())
    enqueue(run)


def _take_up(run: Run, turn: Turn, problem: str) -> None:
    if turn.state == Turn.State.READY:
        _wake(run)
        return
    turn.run = run
    ask_how_to_go_on(run, turn, problem, "stuck")
    _wake(run)


def _find_somebody(run: Run, approval_id: UUID, problem: str) -> None:
    """Nobody may decide: the owners are asked at once; where that does not help, the run says so in the room."""
    rows = Approval.objects.select_related("turn__user", "workroom__organization", "entry__workroom", "requester")
    approval = rows.select_related("run__version__team", "run__root").get(pk=approval_id)
    if approval.escalated_at is None:
        escalate(approval)
        if deciders(approval):
            return
    _say(run.root_id_or_own, problem)


def _somebody_came(roots: list[UUID], problems: list[str]) -> list[UUID]:
    """The runs that say that nobody may decide, although by now somebody may, or it was decided."""
    said = Run.objects.filter(pk__in=roots, reason__startswith=NOBODY).exclude(reason__in=problems)
    return list(said.values_list("id", flat=True))


def _say(root_id: UUID, reason: str) -> None:
    rows = Run.objects.select_for_update(of=("self",), no_key=True).exclude(state__in=Run.ENDED)
    related = rows.select_related("workroom__organization", "version__team", "headline", "batch", "budget")
    root: Run | None = related.filter(pk=root_id).exclude(reason=reason[:500]).first()
    if root is not None:
        root.reason = reason[:500]
        root.save(update_fields=["reason", "updated_at"])
        tell_run(root)


def _stop(run: Run, reason: str) -> None:
    now = timezone.now()
    tree = Run.objects.filter(root=run.root_id_or_own) | Run.objects.filter(pk=run.root_id_or_own)
    root = Run.objects.filter(pk=run.root_id_or_own).exclude(state__in=Run.ENDED)
    root.update(state=Run.State.STOPPING, reason=f"stuck: {reason}"[:500], heal_at=now, updated_at=now)
    for one in tree.exclude(state__in=Run.ENDED):
        enqueue(one)
