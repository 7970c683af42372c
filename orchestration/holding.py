"""The rows that the engine works on: locked, or as a worker knows them, with as few tables as it takes.

What never changes (a team version, the organization) is kept by the process: joining it anew for each turn cost more
than all the rest of the turn.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db.models.expressions import RawSQL

from accounts.models import Organization
from accounts.tenancy import unit_of_work
from orchestration.models import Run, TeamVersion, Turn
from orchestration.spoken import said_before, said_since
from orchestration.turns import Claim, Stopping, Superseded

FRESH_SECONDS = 1.0


@dataclass(slots=True)
class Known:
    """A run with its turns as a worker knows them between two steps, without holding a lock.

    `written` are the transactions that wrote these rows (PostgreSQL's xmin): by them a step that is written later sees
    whether anybody else wrote since. `until` is a time.monotonic() after which it is looked at anew in any case.
    """

    run: Run
    written: set[str]
    until: float


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
    """Lock and return a run that is not over, with its turns, room, requester, root and turn in the parent."""
    rows = Run.objects.select_for_update(of=("self",)).select_related("workroom", "requester", "root", "parent")
    run: Run | None = rows.filter(pk=run_id).exclude(state__in=Run.ENDED).order_by().first()
    if run is None:
        return None
    of_run = Turn.objects.select_for_update(of=("self",)).select_related("user")
    run.steps = [_within(run, turn) for turn in of_run.filter(run=run).order_by("number")]
    return completed(run)


def known_run(organization_id: UUID, run_id: UUID) -> Known | None:
    """Return a run that is not over as it is now, without a lock; None when it is over."""
    with unit_of_work(organization_id):
        rows = Run.objects.select_related(
            "workroom",
            "requester",
            "root__headline",
            "root__thread",
            "parent",
            "headline__on_behalf_of",
            "thread",
            "budget",
        )
        turns = Turn.objects.filter(run=run_id).select_related("user")
        steps = list(turns.annotate(written=RawSQL("orchestration_turn.xmin::text", ())).order_by("number"))
        found = rows.filter(pk=run_id).exclude(state__in=Run.ENDED)
        run = found.annotate(written=RawSQL("orchestration_run.xmin::text", ())).order_by().first()
        if run is None:
            return None
        run.steps = [_within(run, turn) for turn in steps]
        completed(run)
        if run.headline is not None:
            run.headline.workroom = run.workroom
        _ = run.elsewhere, run.asked, said_before(run), said_since(run)
        _ = [turn.used for turn in run.steps if turn.state == Turn.State.CLAIMED]
    return Known(run, {run.written, *(turn.written for turn in steps)}, time.monotonic() + FRESH_SECONDS)


def _within(run: Run, turn: Turn) -> Turn:
    turn.run = run
    return turn


def stopping(run: Run) -> bool:
    """Whether a run is to stop: with the whole run it is nested in, or because nobody waits for it any more."""
    dropped = run.parent is not None and run.parent.state not in Turn.OPEN
    return dropped or run.root_or_own.state == Run.State.STOPPING


def claimed_turn(claim: Claim, run: Run) -> Turn | None:
    """Return the turn of `run` if `claim` still holds it."""
    mine = (turn for turn in run.steps if turn.id == claim.turn_id and turn.attempt == claim.attempt)
    return next((turn for turn in mine if turn.state == Turn.State.CLAIMED), None)


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
