"""People in the run, over the API: pause it and go on, take a turn again."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.api import caller
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.retrying import retry_turn
from orchestration.intervening.order import find_turn
from orchestration.policies import access_run
from orchestration.shapes import run_json

router = Router(tags=["runs"])
Accepted = tuple[int, dict[str, Any]]


class Retried(Schema):
    """The turn to take again: its id, or its number among the run's own turns."""

    turn: UUID | int


@router.post("/runs/{run}/pause", response={202: dict[str, Any]}, summary="Pause a run")
def pause(request: HttpRequest, run: UUID) -> Accepted:
    """Nothing more begins in it; turns at work end and count, and approvals can be decided meanwhile. No time counts
    against its limit of seconds. 409 when it is over, stopping or paused."""
    pause_run(access_run(caller(request), run, "start_run"), actor=caller(request))
    return 202, run_json(access_run(caller(request), run))


@router.post("/runs/{run}/resume", response={202: dict[str, Any]}, summary="Go on with a paused run")
def resume(request: HttpRequest, run: UUID) -> Accepted:
    """409 when it is not paused."""
    resume_run(access_run(caller(request), run, "start_run"), actor=caller(request))
    return 202, run_json(access_run(caller(request), run))


@router.post("/runs/{run}/retry", response={202: dict[str, Any]}, summary="Take a turn of a run again")
def retry(request: HttpRequest, run: UUID, payload: Retried) -> Accepted:
    """A failed or stopped run goes on from that turn: what came after it is set aside (`superseded`), never deleted,
    and a call that was sent is not sent again but answered with its first result. 409 while it goes on."""
    found = access_run(caller(request), run, "start_run")
    retry_turn(found, find_turn(found, payload.turn), actor=caller(request))
    return 202, run_json(access_run(caller(request), run))
