"""Taking out of use what others rely on: an endpoint, a source, a room's target, a whole run. And letting it back."""

from typing import Any

from django.db.models import F

from accounts.errors import Conflict, NotFound
from accounts.models import User
from orchestration.actions.pausing import PAUSABLE, pause_run, resume_run
from orchestration.limits.breakers import let_out, out_of_use, put_in_quarantine
from orchestration.limits.budgets import release
from orchestration.models import Breaker, Endpoint, Run, Source, Target, Turn
from workrooms.models import Workroom


def means_named(kind: str, slug: str) -> str:
    """Return the ledger name of the organization's endpoint or source `slug`; raises NotFound."""
    model: Any = {"endpoint": Endpoint, "source": Source}[kind]
    row = model.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no {kind} {slug[:60]}.")
    return f"endpoint:{slug}" if kind == "endpoint" else f"source:{row.id}"


def target_named(room: Workroom) -> str:
    """Return the ledger name of where the room's outward calls go; raises NotFound."""
    row: Target | None = Target.objects.filter(workroom=room).first()
    if row is None:
        raise NotFound(f"{room.name} has no target.")
    return f"target:{row.id}"


def quarantine(object: str, *, actor: User, reason: str, room: Workroom | None = None) -> None:
    """Let nobody use `object` (a ledger name) until it is released; raises Conflict when it is in quarantine."""
    held = out_of_use(object.partition(":")[0]).get(object)
    if held is not None and held.state == Breaker.State.QUARANTINED:
        raise Conflict("It is in quarantine already.")
    put_in_quarantine(object, actor=actor, reason=reason, room=room)


def let_back(object: str, *, actor: User) -> None:
    """Let `object` be used again: out of quarantine, or out of its rest after failures. Raises Conflict."""
    if not let_out(object, actor=actor):
        raise Conflict("It is in use.")


def quarantine_run(run: Run, *, actor: User, reason: str) -> Run:
    """Pause a root run, take its turns out of the hands that work on them, and keep it from going on.

    Whoever works on a turn is refused its next act, and what it still answers does not count. Raises Conflict when the
    run is over, stopping, or in quarantine.
    """
    if run.state in PAUSABLE:
        pause_run(run, actor=actor)
    row: Run = Run.objects.select_for_update(of=("self",), no_key=True).select_related("workroom").get(pk=run.pk)
    if row.state != Run.State.PAUSED:
        raise Conflict(f"Run {row.number} cannot be put into quarantine: it is {row.state}.")
    quarantine(f"run:{row.id}", actor=actor, reason=reason, room=row.workroom)
    tree = Turn.objects.filter(run=row) | Turn.objects.filter(run__root=row)
    for turn in tree.filter(state=Turn.State.CLAIMED, user__isnull=False, lease_until__isnull=False).order_by("id"):
        release(turn)
        Turn.objects.filter(pk=turn.pk, state=Turn.State.CLAIMED).update(
            state=Turn.State.READY, attempt=F("attempt") + 1, lease_until=None
        )
    return row


def release_run(run: Run, *, actor: User) -> Run:
    """Let a run out of quarantine and go on. Raises Conflict when it is not in it."""
    let_back(f"run:{run.id}", actor=actor)
    return resume_run(run, actor=actor)
