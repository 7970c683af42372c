"""Forms of the run page by which people step in."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.errors import Invalid
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.retrying import retry_turn
from orchestration.intervening.order import find_turn
from orchestration.policies import access_run
from workrooms.entries import room_path
from workrooms.policies import access_workroom, as_uuid
from workrooms.shell import actor_of


@require_POST
def pause(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Pause one run."""
    found = access_workroom(request.user, room, "start_run")
    run = pause_run(access_run(request.user, str(number), "start_run", found), actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/{run.number}/")


@require_POST
def resume(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Go on with a paused run."""
    found = access_workroom(request.user, room, "start_run")
    run = resume_run(access_run(request.user, str(number), "start_run", found), actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/{run.number}/")


@require_POST
def retry(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Take a turn of a failed or stopped run again."""
    found = access_workroom(request.user, room, "start_run")
    run = access_run(request.user, str(number), "start_run", found)
    retry_turn(run, find_turn(run, _turn(request.POST.get("turn", ""))), actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/{run.number}/")


def _turn(given: str) -> UUID:
    if (identity := as_uuid(given)) is None:
        raise Invalid("Say which turn.", [("turn", "expected the id of a turn")])
    return identity
