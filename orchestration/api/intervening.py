"""People in the run, over the API: pause it and go on."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from accounts.api import caller
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.policies import access_run
from orchestration.shapes import run_json

router = Router(tags=["runs"])
Accepted = tuple[int, dict[str, Any]]


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
