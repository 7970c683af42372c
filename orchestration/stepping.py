"""Taking a step of a run: foreseen and written in one statement if it can be, otherwise under the lock of its row.

Steps of agents that answer at once are gathered for a moment and written together: nobody has seen anything of them
before, and they did nothing but think, so that a process that dies between leaves nothing undone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from accounts.tenancy import NotForeseen
from accounts.underway import Unwritten, send_held, settle
from orchestration.attempts import Attempt, at_once, is_quick
from orchestration.committing import foresee, make_sure
from orchestration.holding import under_lock
from orchestration.knowing import Known, is_fresh, known_run
from orchestration.models import Run
from orchestration.turns import Claim

MOMENT = 0.1  # seconds
MOST = 60  # events


@dataclass(frozen=True, slots=True)
class Onward:
    """Go on with this run."""

    run_id: UUID


Work = Claim | Onward | None


def take(organization_id: UUID, run_id: UUID, step: Callable[[Run], Work], known: Known | None = None) -> Work:
    """Take one step of a run; what comes of it may still be under way when it says what is to be done next."""
    if known is not None and not is_fresh(known):
        make_sure(known)
        known = None
    known = known or known_run(organization_id, run_id)
    if known is None:
        return None
    locked = partial(under_lock, organization_id, run_id, step)
    try:
        return _knowing(foresee(known, step, again=locked), known)
    except NotForeseen:
        make_sure(known)
        return locked()


def _knowing(todo: Work, known: Known) -> Work:
    """A turn that is answered at once leaves the run as it is known: it is taken before its claim is written, or while
    it is."""
    prepared = todo.prepared if isinstance(todo, Claim) else None
    if not (isinstance(todo, Claim) and isinstance(prepared, Attempt) and at_once(prepared.agent)):
        return settled(todo)
    if not (is_quick(prepared.agent) and _may_wait(known)):
        send_held()
    return replace(todo, known=known)


def _may_wait(known: Known) -> bool:
    """Whether what is gathered is young and small, and nobody waits for it to be written."""
    held = known.gathered
    return held is not None and not held.after and len(held.events) < MOST and time.monotonic() < held.since + MOMENT


def settled(todo: Work) -> Work:
    """Wait until what a step wrote is written. Raises Unwritten."""
    settle()
    return todo


def written(step: Callable[[], Work]) -> Work:
    """Take a step; if the one below it was not written, that is taken again instead, and this one does not count."""
    try:
        return step()
    except Unwritten as unwritten:
        todo: Work = unwritten.again()
        return todo
