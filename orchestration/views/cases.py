"""Pages of a run's case: its story from the ledger, and the file to take away."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orchestration.policies import access_run
from orchestration.runs.case import case_response
from orchestration.runs.replay import replay
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page


@require_GET
def story(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Tell the run from the ledger, event by event."""
    found = access_workroom(request.user, room, "read_ledger")
    run = access_run(request.user, str(number), "read_ledger", found)
    context = room_page(request, found, "runs", f"Replay of run {number}", run=run, scenes=replay(run))
    return render(request, "orchestration/run/replay.html", context)


@require_GET
def case(request: HttpRequest, organization: str, room: str, number: int) -> FileResponse:
    """Hand out the case of the run."""
    found = access_workroom(request.user, room, "export_ledger")
    return case_response(access_run(request.user, str(number), "export_ledger", found), actor=actor_of(request))
