"""Pages that start runs: one by hand, one a dropped file, one a row of a CSV."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clearances import unseen_by
from accounts.errors import Invalid, Problem
from orchestration.actions.runs import start_run
from orchestration.incoming.dropped import Dropped, dropped_again, keep_files, start_dropped
from orchestration.limits.foreseen import foreseen, left_in
from orchestration.models import Run, Team
from orchestration.policies import access_team
from orchestration.runs.tallies import results_strip
from orchestration.views.runs import teams_to_run
from workrooms.entries import room_path
from workrooms.models import Document, Workroom
from workrooms.policies import access_document, access_workroom
from workrooms.shell import actor_of, room_page
from workrooms.views.documents import content_of

MOST_LISTED = 500
SALT = "orchestration.batch"
KEPT_SECONDS = 24 * 3600


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Ask for team, goal and documents; POST starts one run."""
    found = access_workroom(request.user, room, "start_run")
    if request.method == "GET":
        return _form(request, found, {"documents": request.GET.getlist("document"), "goal": last_goal(found)})
    given = {"team": request.POST.get("team", ""), "goal": request.POST.get("goal", "")}
    chosen = request.POST.getlist("documents")
    try:
        team = access_team(request.user, found, given["team"], "start_run")
        documents = [access_document(request.user, one, room=found) for one in chosen]
        run = start_run(found, actor=actor_of(request), team=team, goal=given["goal"], documents=documents)
    except Problem as problem:
        return _form(request, found, {**given, "documents": chosen}, problem)
    return redirect(f"{room_path(found)}runs/{run.number}/")


def last_goal(room: Workroom) -> str:
    """Return the goal of the newest run of the room's first team, a beginning for the next one's; "" before any."""
    teams = teams_to_run(room)
    runs = Run.objects.filter(workroom=room, parent=None, batch=None, version__team=teams[0] if teams else None)
    return runs.order_by("-number").values_list("goal", flat=True).first() or ""


def _form(request: HttpRequest, room: Workroom, given: dict[str, Any], problem: Problem | None = None) -> HttpResponse:
    unseen = unseen_by(actor_of(request), room).ids("document")
    rows = Document.objects.filter(workroom=room).exclude(pk__in=unseen)
    documents = list(rows.order_by("-updated_at")[:MOST_LISTED])
    chosen = {str(one) for one in given.get("documents", [])}
    given["documents"] = [document.id for document in documents if str(document.id) in chosen]
    context = room_page(request, room, "runs", "Start a run", up=f"{room_path(room)}runs/", given=given)
    teams, left = teams_to_run(room), left_in(room)
    context |= {
        "teams": teams,
        "forecasts": [foreseen(team, left) for team in teams],
        "left": left,
        "documents": documents,
        "strip": results_strip(room),
        "problem": problem,
    }
    return render(request, "orchestration/run/new.html", context, status=problem.status if problem else 200)


@require_POST
def batch(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Keep the files sent as documents and show count and forecast; once these were seen, start the runs."""
    found = access_workroom(request.user, room, "start_run")
    team = access_team(request.user, found, request.POST.get("team", ""), "start_run")
    actor = actor_of(request)
    if token := request.POST.get("token"):
        dropped = dropped_again(found, actor, _documents(token))
    else:
        access_workroom(actor, found, "edit_document")
        files = request.FILES.getlist("files")
        if not files:
            raise Invalid("No file was sent.", [("files", "choose claim files, or one CSV")])
        dropped = keep_files(found, actor=actor, files=[(file.name or "", content_of(file)) for file in files])
        if not request.POST.get("confirmed"):
            return _forecast(request, found, team, dropped)
    run = start_dropped(found, actor=actor, team=team, dropped=dropped)
    return redirect(f"{room_path(found)}runs/{run.number}/" if run else f"{room_path(found)}runs/")


def _documents(token: str) -> list[str]:
    try:
        return list(signing.loads(token, salt=SALT, max_age=KEPT_SECONDS))
    except signing.BadSignature:
        raise Invalid("This forecast is too old. Drop the files again.", [("token", "not ours, or older than a day")]) \
            from None  # fmt: skip


def _forecast(request: HttpRequest, room: Workroom, team: Team, dropped: Dropped) -> HttpResponse:
    strip = results_strip(room)
    context = room_page(request, room, "runs", "Start runs", up=f"{room_path(room)}runs/", team=team, strip=strip)
    context |= {
        "name": ", ".join(dropped.names),
        "count": dropped.count,
        "columns": dropped.columns,
        "microcents": dropped.count * strip["cost_microcents"] if strip["cost_microcents"] is not None else None,
        "seconds": dropped.count * strip["run_seconds"] if strip["run_seconds"] is not None else None,
        "token": signing.dumps([str(document.id) for document in dropped.documents], salt=SALT),
    }
    return render(request, "orchestration/run/batch.html", context)
