"""Pausing runs, and going on with them."""

from django.utils import timezone

from accounts.errors import Conflict
from accounts.ledger.record import record
from accounts.models import User
from orchestration.limits.breakers import is_quarantined
from orchestration.models import Run
from orchestration.queue import enqueue
from orchestration.telling import tell_run
from orchestration.turns import heal_time

PAUSABLE = (Run.State.QUEUED, Run.State.RUNNING, Run.State.WAITING)


def pause_run(run: Run, *, actor: User) -> Run:
    """Let nothing more begin in a root run and the runs nested in it; what is at work ends, and counts.

    People can decide meanwhile. Raises Conflict for a run that is over, stopping or paused already.
    """
    row = _locked(run)
    if row.state not in PAUSABLE:
        raise Conflict(f"Run {row.number} cannot be paused: it is {row.state}.")
    row.state, row.reason, row.heal_at = Run.State.PAUSED, f"Paused by {actor.name}", None
    if row.started_at is not None:
        row.waiting_since = row.waiting_since or timezone.now()
    row.save(update_fields=["state", "reason", "heal_at", "waiting_since", "updated_at"])
    record("run.paused", actor=actor, ledger=row.workroom_id, object=f"run:{row.id}", run=row.id)
    tell_run(row)
    for nested in Run.objects.filter(root=row).exclude(state__in=Run.ENDED):
        enqueue(nested)
    return row


def resume_run(run: Run, *, actor: User) -> Run:
    """Go on with a paused run. Raises Conflict for one that is not paused.

    Nested runs are locked before their root, as everywhere, and are due at once: a lost hint keeps none of them.
    """
    nested = list(
        Run.objects.select_for_update(no_key=True)
        .filter(root=run.root_id_or_own)
        .exclude(state__in=Run.ENDED)
        .order_by("id")
    )
    row = _locked(run)
    if row.state != Run.State.PAUSED:
        raise Conflict(f"Run {row.number} is not paused: it is {row.state}.")
    if is_quarantined(f"run:{row.id}"):
        raise Conflict(f"Run {row.number} is in quarantine: it goes on when a manager of the room releases it.")
    Run.objects.filter(pk__in=[one.id for one in nested]).update(heal_at=heal_time())
    if row.waiting_since is not None:
        row.waited_seconds += int((timezone.now() - row.waiting_since).total_seconds())
    row.state = Run.State.RUNNING if row.started_at else Run.State.QUEUED
    row.reason, row.waiting_since, row.heal_at, row.resumed_at = "", None, heal_time(), timezone.now()
    row.save(
        update_fields=["state", "reason", "waiting_since", "waited_seconds", "heal_at", "resumed_at", "updated_at"]
    )
    record("run.resumed", actor=actor, ledger=row.workroom_id, object=f"run:{row.id}", run=row.id)
    tell_run(row)
    for open_run in (row, *nested):
        enqueue(open_run)
    return row


def _locked(run: Run) -> Run:
    rows = Run.objects.select_for_update(of=("self",), no_key=True).select_related(
        "workroom__organization", "requester", "version__team", "headline", "thread", "batch", "budget"
    )
    row: Run = rows.get(pk=run.root_id_or_own)
    return row
