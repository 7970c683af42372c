"""Pages of runs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.clearances import unseen_by
from orchestration.actions.runs import stop_all, stop_run
from orchestration.models import Run, Team
from orchestration.pages.run import page_context
from orchestration.policies import access_run
from orchestration.runs.list import page_of, read_wanted, rows_of
from orchestration.runs.tallies import results_strip
from workrooms.entries import room_path
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page
from workrooms.templatetags.pictograms import STATES

BESIDE = 14


@require_GET
def index(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """List the room's runs, those that wait for a person first."""
    found = access_workroom(request.user, room)
    wanted = read_wanted(request.GET.dict())
    page = page_of(found, wanted, unseen=unseen_by(actor_of(request), found))
    following = request.GET.copy()
    following["after"] = page.next
    context = room_page(request, found, "runs", "Runs", asked=wanted, total=page.total, rows=rows_of(page.runs))
    context |= {
        "strip": results_strip(found),
        "teams": teams_to_run(found),
        "states": [(state, STATES[state][2]) for state in Run.State.values],
        "next": f"?{following.urlencode()}" if page.next else "",
    }
    return render(request, "orchestration/run/index.html", context)


@require_GET
def pane(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """The pane beside the timeline: results and newest runs."""
    found = access_workroom(request.user, room)
    page = page_of(found, read_wanted({}), BESIDE, unseen_by(actor_of(request), found))
    context = room_page(request, found, "timeline", rows=rows_of(page.runs), more=page.total - len(page.runs))
    context |= {"strip": results_strip(found), "teams": teams_to_run(found)}
    return render(request, "orchestration/run/_side.html", context)


def teams_to_run(room: Workroom) -> list[Team]:
    """Return the room's published teams, those of several agents first."""
    teams = list(Team.objects.filter(workroom=room).exclude(published=None).select_related("published"))
    return sorted(teams, key=lambda team: (len(team.published.definition["agents"]) == 1, team.name))


@require_GET
def show(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Show a run: its steps, turns, checks, cost, questions and result."""
    found = access_workroom(request.user, room)
    run = access_run(request.user, str(number), room=found)
    context = room_page(request, found, "runs", f"Run {run.number}", up=f"{room_path(found)}runs/")
    context |= page_context(run, actor_of(request)) | {"over_time": request.GET.get("view") == "gantt"}
    return render(request, "orchestration/run/show.html", context)


@require_POST
def stop(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Ask one run to stop."""
    found = access_workroom(request.user, room, "start_run")
    run = stop_run(access_run(request.user, str(number), "start_run", found), actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/{run.number}/")


@require_POST
def stop_everything(request: HttpRequest, organization: str, room: Any) -> HttpResponse:
    """Ask every run of the room to stop."""
    found = access_workroom(request.user, room, "start_run")
    stop_all(found, actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/")
