"""Putting a turn off: nobody works on it, it keeps its place and its journal, and is taken anew when its time has come.

It stays claimed, with a lease that nobody holds, so that whatever looks for lost turns finds it. It is never put off
for longer than a lease: a run that is to stop waits no longer for it than for a worker that was killed.
"""

import math
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.ledger.record import record
from orchestration.models import Run, Turn
from orchestration.queue import enqueue_later


def postpone(run: Run, turn: Turn, reason: str, seconds: float) -> None:
    """Let the lease of a claimed turn that nobody works on run out in `seconds`, at least one and at most a lease's."""
    wait = min(max(1, math.ceil(seconds)), int(settings.TURN_LEASE_SECONDS))
    turn.lease_until = timezone.now() + timedelta(seconds=wait)
    record("turn.postponed", actor=turn.user, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"turn:{turn.id}", run=run.root_id_or_own, turn=turn.id,
           payload={"reason": reason, "seconds": wait})  # fmt: skip
    enqueue_later(run, wait)
