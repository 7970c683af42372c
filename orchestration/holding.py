"""Locking the rows that the engine works on, with as few tables as it takes.

What never changes (a team version, the organization) is kept by the process: joining it anew for each turn cost more
than all the rest of the turn.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from accounts.actions.consents import lost_consent
from accounts.models import Organization
from accounts.tenancy import unit_of_work
from orchestration.models import Run, TeamVersion, Turn
from orchestration.turns import Claim, Stopping, Superseded

MOST_KEPT = 512
DEADLOCKS = 3
Did = TypeVar("Did")
_versions: dict[UUID, TeamVersion] = {}
_organizations: dict[UUID, Organization] = {}


def is_kept(run: Run) -> bool:
    """Whether this process has what `completed` attaches."""
    return run.version_id in _versions and run.organization_id in _organizations


def completed(run: Run) -> Run:
    """Attach what the process keeps to a run that was fetched with its room."""
    if not is_kept(run):
        if len(_versions) + len(_organizations) > MOST_KEPT:
            _versions.clear()
            _organizations.clear()
        _versions[run.version_id] = TeamVersion.objects.select_related("team").get(pk=run.version_id)
        _organizations[run.organization_id] = Organization.objects.get(pk=run.organization_id)
    run.version, run.workroom.organization = _versions[run.version_id], _organizations[run.organization_id]
    return run


def locked_run(run_id: UUID) -> Run | None:
    """Lock and return a run that is not over, with its turns, room, requester, root and turn in the parent."""
    rows = Run.objects.select_for_update(of=("self",), no_key=True).select_related(
        "workroom", "requester", "root", "parent"
    )
    run: Run | None = rows.filter(pk=run_id).exclude(state__in=Run.ENDED).order_by().first()
    if run is None:
        return None
    of_run = Turn.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    run.steps = [_within(run, turn) for turn in of_run.filter(run=run).order_by("number")]
    return completed(run)


def under_lock(organization_id: UUID, run_id: UUID, step: Callable[[Run], Did]) -> Did | None:
    """Take a step of a locked run in a unit of work; None when the run is over.

    Where two wait for each other (a nested run that ends, and the run around it), the database undoes one: it is taken
    again, because what an agent answered is not to be asked for twice.
    """
    for left in range(DEADLOCKS, -1, -1):
        try:
            with unit_of_work(organization_id):
                run = locked_run(run_id)
                return None if run is None else step(run)
        except OperationalError as error:
            if left == 0 or not isinstance(error.__cause__, DeadlockDetected):
                raise
    return None


def _within(run: Run, turn: Turn) -> Turn:
    turn.run = run
    return turn


def stopping(run: Run) -> bool:
    """Whether a run is to stop: with the whole run it is nested in, because nobody waits for it any more, or because
    the service that began it may not do so any more."""
    dropped = run.parent is not None and run.parent.state not in Turn.OPEN
    return dropped or run.root_or_own.state == Run.State.STOPPING or bool(without_consent(run))


def without_consent(run: Run) -> str:
    """Return why a run that a service began in its requester's name may not go on; "" where it may, or none did."""
    root = run.root_or_own
    if root.through_id is None:
        return ""
    return lost_consent(root.through_id, root.requester_id, root.workroom_id, "runs.start")


def claimed_turn(claim: Claim, run: Run) -> Turn | None:
    """Return the turn of `run` if `claim` still holds it."""
    mine = (turn for turn in run.steps if turn.id == claim.turn_id and turn.attempt == claim.attempt)
    return next((turn for turn in mine if turn.state == Turn.State.CLAIMED), None)


def held_turn(claim: Claim) -> Turn:
    """Lock and return the claimed turn; raises Superseded if it was lost, Stopping if its run is to stop."""
    rows = Turn.objects.select_for_update(of=("self",), no_key=True).select_related(
        "user", "run__root", "run__parent", "run__workroom", "run__requester"
    )
    turn: Turn | None = rows.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED).first()
    if turn is None:
        raise Superseded
    if stopping(turn.run):
        raise Stopping
    completed(turn.run)
    return turn
