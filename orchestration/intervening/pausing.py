"""A paused run begins nothing. What is at work ends and counts; nothing holds a lease, and no time is counted.

Being paused is the state of the root run, changed under its row lock; each nested run sees it when it is advanced.
"""

from django.utils import timezone

from orchestration.limits.budgets import release
from orchestration.models import Run, Turn


def paused(run: Run) -> bool:
    """Whether nothing may begin in a locked run: it is paused, with the whole run it is nested in.

    The root of a nested run is read again: it may have been read before this run's lock was had.
    """
    if run.root_or_own.state != Run.State.PAUSED:
        return False
    return run.root is None or Run.objects.filter(pk=run.root_id, state=Run.State.PAUSED).exists()


def hold(run: Run) -> None:
    """Let a paused run rest: turns that a worker lost are given back, and nobody has to look after it."""
    now = timezone.now()
    for turn in Turn.objects.filter(run=run, state=Turn.State.CLAIMED, lease_until__lt=now).select_related("run"):
        release(turn)
        turn.state, turn.lease_until = Turn.State.READY, None
        turn.save(update_fields=["state", "lease_until"])
    run.state, run.heal_at = Run.State.PAUSED, None
    run.save(update_fields=["state", "heal_at", "updated_at"])
