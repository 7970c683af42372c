"""Locking the rows that the engine works on, with as few tables as it takes.

What never changes (a team version, the organization) is kept by the process: joining it anew for each turn cost more
than all the rest of the turn.
"""

from functools import lru_cache
from uuid import UUID

from accounts.models import Organization
from orchestration.models import Run, TeamVersion, Turn
from orchestration.turns import Claim, Stopping, Superseded


@lru_cache(maxsize=512)
def _version(version_id: UUID) -> TeamVersion:
    version: TeamVersion = TeamVersion.objects.select_related("team").get(pk=version_id)
    return version


@lru_cache(maxsize=512)
def _organization(organization_id: UUID) -> Organization:
    return Organization.objects.get(pk=organization_id)


def completed(run: Run) -> Run:
    """Attach what the process keeps to a run that was fetched with its room."""
    run.version = _version(run.version_id)
    run.workroom.organization = _organization(run.organization_id)
    return run


def locked_run(run_id: UUID) -> Run | None:
    """Lock and return a run that is not over, with its room, its requester, its root and its turn in the parent."""
    rows = Run.objects.select_for_update(of=("self",)).select_related("workroom", "requester", "root", "parent")
    run: Run | None = rows.filter(pk=run_id).exclude(state__in=Run.ENDED).first()
    return completed(run) if run else None


def stopping(run: Run) -> bool:
    """Whether a run is to stop: with the whole run it is nested in, or because nobody waits for it any more."""
    dropped = run.parent is not None and run.parent.state not in Turn.OPEN
    return dropped or run.root_or_own.state == Run.State.STOPPING


def locked_turn(claim: Claim, run: Run) -> Turn | None:
    """Lock and return the turn of `run` if `claim` still holds it."""
    rows = Turn.objects.select_for_update(of=("self",)).select_related("user")
    turn: Turn | None = rows.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED).first()
    if turn is not None:
        turn.run = run
    return turn


def held_turn(claim: Claim) -> Turn:
    """Lock and return the claimed turn; raises Superseded if it was lost, Stopping if its run is to stop."""
    rows = Turn.objects.select_for_update(of=("self",)).select_related(
        "user", "run__root", "run__parent", "run__workroom", "run__requester"
    )
    turn: Turn | None = rows.filter(pk=claim.turn_id, attempt=claim.attempt, state=Turn.State.CLAIMED).first()
    if turn is None:
        raise Superseded
    if stopping(turn.run):
        raise Stopping
    completed(turn.run)
    return turn
