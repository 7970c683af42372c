"""Forms of the run page by which people step in."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import Invalid, Problem
from orchestration.actions.forking import fork_run
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.retrying import retry_turn
from orchestration.intervening.comparing import compare_runs
from orchestration.intervening.fork_form import form_context, read_changes
from orchestration.intervening.order import find_turn
from orchestration.models import Run
from orchestration.policies import access_run
from workrooms.entries import room_path
from workrooms.policies import access_workroom, as_uuid
from workrooms.shell import actor_of, room_page
from workrooms.views.rooms import number_in

MOST_OFFERED = 50


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
    """Take a turn of a run again; of a finished one, in a new run."""
    found = access_workroom(request.user, room, "start_run")
    run = access_run(request.user, str(number), "start_run", found)
    going_on = retry_turn(run, find_turn(run, _turn(request.POST.get("turn", ""))), actor=actor_of(request))
    return redirect(f"{room_path(found)}runs/{going_on.number}/")


@require_http_methods(["GET", "POST"])
def fork(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Ask what is changed, and begin a run from a turn of this one (`after`; none is from its beginning)."""
    found = access_workroom(request.user, room, "start_run")
    run = access_run(request.user, str(number), "start_run", found)
    given = request.POST if request.method == "POST" else request.GET
    turn = find_turn(run, _turn(given["after"])) if given.get("after") else None
    problem: Problem | None = None
    if request.method == "POST":
        try:
            changes = read_changes(run, turn, request.POST.dict())
            made = fork_run(run, turn, actor=actor_of(request), changes=changes)
            return redirect(f"{room_path(found)}runs/{made.number}/")
        except Problem as refusal:
            problem = refusal
    up = f"{room_path(found)}runs/{run.number}/"
    context = room_page(request, found, "runs", "Begin from here", up=up, problem=problem)
    context |= {**form_context(run, turn), "given": request.POST.dict()}
    return render(request, "orchestration/run/fork.html", context, status=problem.status if problem else 200)


@require_GET
def compare(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Show a run beside another of the room (`?with=` its number), the other runs of its team offered first."""
    found = access_workroom(request.user, room)
    run, wanted = access_run(request.user, str(number), room=found), number_in(request, "with")
    other = access_run(request.user, str(wanted), room=found) if wanted else None
    rows = Run.objects.of_room(found).exclude(pk=run.pk)
    mine = rows.filter(version__team=run.version.team_id)[:MOST_OFFERED]
    others = list(mine) or list(rows[:MOST_OFFERED])
    up = f"{room_path(found)}runs/{run.number}/"
    context = room_page(request, found, "runs", "Compare", up=up, run=run, other=other)
    context["others"] = others if other is None or other in others else [other, *others]
    context["comparison"] = compare_runs(run, other) if other else None
    return render(request, "orchestration/run/compare.html", context)


def _turn(given: str) -> UUID:
    if (identity := as_uuid(given)) is None:
        raise Invalid("Say which turn.", [("turn", "expected the id of a turn")])
    return identity
