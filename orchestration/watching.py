"""When a run that shows no sign of life is looked after: by `heal`, at the time that stands in its row."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.tenancy import keep
from orchestration.models import Run
from orchestration.queue import enqueue
from orchestration.telling import tell_run
from orchestration.turns import heal_time

HALF_LEASE = timedelta(seconds=settings.TURN_LEASE_SECONDS / 2)


def watch(run: Run, state: Run.State, late: datetime | None = None) -> None:
    """Note the state, and when `heal` is to look whether the run still moves (a member is late, at the latest).

    Waiting for people takes no time.
    """
    now, before = timezone.now(), run.state
    if run.waiting_since is not None and state != Run.State.WAITING:
        run.waited_seconds += int((now - run.waiting_since).total_seconds())
        run.waiting_since = None
    if state == Run.State.WAITING:
        run.waiting_since = run.waiting_since or now
    due = None if state == Run.State.WAITING else min(late or heal_time(), heal_time())
    if before == state and due and run.heal_at and now + HALF_LEASE < run.heal_at <= due:
        return
    run.state, run.started_at, run.heal_at = state, run.started_at or now, due
    keep(run, "state", "heal_at", "started_at", "waiting_since", "waited_seconds", "updated_at")
    if before != state:
        tell_run(run)
    if before == Run.State.WAITING != state and run.parent is not None:
        enqueue(run.parent.run)
