"""Trials of drafts, and rehearsals, over the API."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from orchestration.actions.rehearsing import rehearse_team
from orchestration.actions.trying import MOST_RUNS, start_trial, stop_trial
from orchestration.models import Trial
from orchestration.policies import access_run, access_team, access_trial
from orchestration.runs.shapes import run_json
from orchestration.trials.shown import trial_json, tried_runs
from workrooms.policies import access_workroom

router = Router(tags=["teams"])


class Rehearsal(Schema):
    """Whether the draft is rehearsed, not the version in force; `goal` is what the agents are told."""

    draft: bool = False
    goal: str = ""


class NewTrial(Schema):
    """On how many of the team's last finished runs. With `models` they are really asked, for at most `budget_cents`
    (the worst case of these runs where it is not said)."""

    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 20
    models: bool = False
    budget_cents: Annotated[int, Field(ge=0, le=10**9)] | None = None


@router.post("/workrooms/{room}/teams/{team}/trials", response={202: dict[str, Any]}, summary="Try the draft")
def start(request: HttpRequest, room: str, team: str, payload: NewTrial) -> tuple[int, dict[str, Any]]:
    """It works on what the team's last finished runs were given, without effects: nothing is written, sent or asked of
    people. What a model answered in the run stands in, unless `models` says that it is asked anew. 409 without a
    finished run, and where less is left of a budget than that may cost."""
    found = access_workroom(caller(request), room, "edit_team")
    row = access_team(caller(request), found, team, "edit_team")
    trial = start_trial(row, actor=caller(request), **payload.dict())
    return 202, trial_json(trial, tried_runs(trial, caller(request)))


@router.get("/workrooms/{room}/teams/{team}/trials", summary="Trials of a team's drafts")
def index(request: HttpRequest, room: str, team: str) -> dict[str, Any]:
    """The newest first."""
    row = access_team(caller(request), access_workroom(caller(request), room), team)
    trials = Trial.objects.filter(team=row).select_related("team")[:50]
    return {"items": [trial_json(trial) for trial in trials], "next": None}


@router.get("/trials/{trial}", summary="One trial")
def show(request: HttpRequest, trial: UUID) -> dict[str, Any]:
    """`items` say for each run what came out: same, decision, amount, asks (a person, where nobody was asked) or fails,
    why, and which fields of the result differ; null while it was not tried yet."""
    found = access_trial(caller(request), trial)
    return trial_json(found, tried_runs(found, caller(request)))


@router.post("/trials/{trial}/stop", response={202: dict[str, Any]}, summary="Stop a trial")
def stop(request: HttpRequest, trial: UUID) -> tuple[int, dict[str, Any]]:
    """What was tried stays; 409 when it is over."""
    found = stop_trial(access_trial(caller(request), trial, "edit_team"), actor=caller(request))
    return 202, trial_json(access_trial(caller(request), found.id))


@router.post("/workrooms/{room}/teams/{team}/rehearse", response={202: dict[str, Any]}, summary="Rehearse a team")
def rehearse(request: HttpRequest, room: str, team: str, payload: Rehearsal) -> tuple[int, dict[str, Any]]:
    """A run that costs nothing and does nothing: each agent says its script, or lines that fit its contract. It is
    marked `rehearsal` wherever it is shown, and counts in no figure."""
    found = access_workroom(caller(request), room, "start_run")
    row = access_team(caller(request), found, team, "start_run")
    run = rehearse_team(row, actor=caller(request), goal=payload.goal, draft=payload.draft)
    return 202, run_json(access_run(caller(request), run.id))
