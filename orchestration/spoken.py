"""What people say in a run's thread, and what the team makes of it (`when_people_speak`).

queue: agents at work do not hear it; the next run that is started in the thread does. steer: every turn that begins
afterwards hears it. interrupt: what is at work is taken anew as well, hearing it.
"""

from django.db.models import F, Q

from accounts.ledger.record import record
from accounts.models import User
from accounts.relations import permissions_of
from orchestration.models import Run, Turn
from orchestration.queue import enqueue
from orchestration.standing import plan_of
from workrooms.models import Message

MOST_LINES = 20


def said_before(run: Run) -> tuple[str, ...]:
    """Return what people said in the thread in which a message started a run, as "Name: text", without that message."""
    if run.heard_before is None:
        run.heard_before = _before(run)
    return run.heard_before


def _before(run: Run) -> tuple[str, ...]:
    if run.thread_id is None or run.headline_id is not None or run.parent_id is not None:
        return ()
    thread = Message.objects.filter(Q(pk=run.thread_id) | Q(thread_id=run.thread_id), kind=Message.Kind.MESSAGE)
    rows = thread.filter(created_at__lt=run.created_at, author__kind="person").exclude(state=Message.State.DELETED)
    lines = [
        f"{row.author.name}: {row.body}" for row in rows.select_related("author").order_by("-seq")[: MOST_LINES + 1]
    ]
    return tuple(reversed(lines[1:]))


def said_since(run: Run) -> tuple[str, ...]:
    """Return what people who may start runs said since in the thread of a run that hears them, as "Name: text"."""
    if run.heard_since is None:
        run.heard_since = _since(run)
    return run.heard_since


def _since(run: Run) -> tuple[str, ...]:
    root = run.root_or_own
    if root.thread_id is None or plan_of(root).when_people_speak == "queue":
        return ()
    thread = Message.objects.filter(thread_id=root.thread_id, kind=Message.Kind.MESSAGE, author__kind="person")
    rows = thread.filter(created_at__gte=root.created_at).exclude(state=Message.State.DELETED)
    heard = [row for row in rows.select_related("author").order_by("seq") if _may_steer(row.author, root)]
    return tuple(f"{row.author.name}: {row.body}" for row in heard[-MOST_LINES:])


def interrupt(message: Message, actor: User) -> int:
    """Withdraw what is at work in the runs of a message's thread that are to be interrupted; return how many turns."""
    withdrawn = 0
    for root in Run.objects.filter(thread_id=message.thread_id, parent=None).exclude(state__in=Run.ENDED):
        if plan_of(root).when_people_speak != "interrupt" or not _may_steer(actor, root):
            continue
        tree = Q(run=root) | Q(run__root=root)
        held = Turn.objects.filter(tree, state=Turn.State.CLAIMED, user__isnull=False, lease_until__isnull=False)
        for turn in held.select_related("run"):
            mine = Turn.objects.filter(pk=turn.pk, attempt=turn.attempt, state=Turn.State.CLAIMED)
            again = {"attempt": F("attempt") + 1, "tries": F("tries") + 1, "lease_until": None}
            withdrawn += mine.update(state=Turn.State.READY, **again)
            enqueue(turn.run)
        record("run.interrupted", actor=actor, ledger=root.workroom_id, object=f"run:{root.id}", run=root.id,
               payload={"message": str(message.id)})  # fmt: skip
    return withdrawn


def _may_steer(person: User, run: Run) -> bool:
    return "start_run" in permissions_of(person, run.workroom)
