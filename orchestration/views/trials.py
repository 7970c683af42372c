"""Pages of trials, a team's draft on its finished runs, and the form that rehearses a team."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import Invalid, Problem
from orchestration.actions.rehearsing import rehearse_team
from orchestration.actions.trying import MOST_RUNS, start_trial, stop_trial
from orchestration.models import Run, Team, Trial
from orchestration.pages.team import read_draft
from orchestration.policies import access_team, access_trial
from orchestration.trials.forecasting import Worst, asks_models, worst_of
from orchestration.trials.shown import spent_by, tally_of, tried_runs
from orchestration.views.teams import team_shown
from orchestration.views.usage import read_cents
from workrooms.entries import room_path
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """List the trials of a team's drafts; POST starts one."""
    posted = request.method == "POST"
    found = access_workroom(request.user, room, "edit_team" if posted else "view")
    team = access_team(request.user, found, slug, "edit_team" if posted else "view")
    problem: Problem | None = None
    if posted:
        try:
            trial = _started(request, team)
            return redirect(f"{room_path(found)}teams/{slug}/trials/{trial.id}/")
        except Problem as refusal:
            problem = refusal
    finished = Run.objects.of_room(found).filter(version__team=team, state=Run.State.FINISHED, pretends="")
    up = f"{room_path(found)}teams/{slug}/"
    context = room_page(request, found, "teams", "Trials", up=up, team=team, problem=problem, most=MOST_RUNS)
    context |= {
        "trials": Trial.objects.filter(team=team).select_related("requester")[:50],
        "finished": min(finished.count(), MOST_RUNS),
        "one": _one_run(team),
    }
    return render(request, "orchestration/team/trials.html", context, status=problem.status if problem else 200)


@require_GET
def show(request: HttpRequest, organization: str, room: str, slug: str, trial: UUID) -> HttpResponse:
    """Show what a draft made of each run; while it is tried, the page renews itself."""
    found = access_workroom(request.user, room)
    one = access_trial(request.user, trial, room=found)
    rows, up = tried_runs(one, actor_of(request)), f"{room_path(found)}teams/{slug}/"
    context = room_page(request, found, "teams", "Trial", up=up, team=one.team, trial=one, rows=rows)
    context |= {
        "spent": spent_by(one),
        "tally": tally_of(rows),
        "left": sum(not row.outcome for row in rows),
        "open": one.state in Trial.OPEN,
    }
    return render(request, "orchestration/team/trial.html", context)


@require_POST
def stop(request: HttpRequest, organization: str, room: str, slug: str, trial: UUID) -> HttpResponse:
    """Try the draft on no more runs."""
    found = access_workroom(request.user, room, "edit_team")
    stop_trial(access_trial(request.user, trial, "edit_team", found), actor=actor_of(request))
    return redirect(f"{room_path(found)}teams/{slug}/trials/{trial}/")


@require_POST
def rehearse(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Start a rehearsal of a team, or with `draft` of its draft; what keeps it from that is shown with the team."""
    found = access_workroom(request.user, room, "start_run")
    team = access_team(request.user, found, slug, "start_run")
    try:
        run = rehearse_team(team, actor=actor_of(request), draft=bool(request.POST.get("draft")))
    except Problem as problem:
        return team_shown(request, found, team, problem)
    return redirect(f"{room_path(found)}runs/{run.number}/")


def _started(request: HttpRequest, team: Team) -> Trial:
    models, most = bool(request.POST.get("models")), request.POST.get("dollars", "")
    return start_trial(
        team,
        actor=actor_of(request),
        runs=_number(request.POST.get("runs", "20")),
        models=models,
        budget_cents=read_cents(most) if models else None,
    )


def _one_run(team: Team) -> Worst | None:
    """The worst of one run of the draft whose models are asked; None where it asks none, or cannot be read."""
    draft = read_draft(team)
    return worst_of(draft.data, 1) if not draft.errors and draft.data and asks_models(draft.data) else None


def _number(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) < 4):
        raise Invalid("On how many runs?", [("runs", f"expected 1 to {MOST_RUNS}")])
    return int(given)
