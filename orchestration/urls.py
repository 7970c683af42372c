"""Pages of runs, teams and approvals."""

from django.urls import path

from orchestration.views import (
    approvals,
    authority,
    boundaries,
    cases,
    intervening,
    means,
    runs,
    starting,
    teams,
    trials,
)

ROOM = "o/<slug:organization>/r/<slug:room>/"
MEANS = "o/<slug:organization>/settings/means/"

urlpatterns = [
    path(f"{ROOM}stop/", runs.stop_everything, name="stop_everything"),
    path(f"{ROOM}runs/", runs.index, name="runs"),
    path(f"{ROOM}runs/side/", runs.pane, name="runs_pane"),
    path(f"{ROOM}runs/new/", starting.new, name="new_run"),
    path(f"{ROOM}runs/batch/", starting.batch, name="batch"),
    path(f"{ROOM}runs/<int:number>/", runs.show, name="run"),
    path(f"{ROOM}runs/<int:number>/replay/", cases.story, name="replay"),
    path(f"{ROOM}runs/<int:number>/case.zip", cases.case, name="case"),
    path(f"{ROOM}runs/<int:number>/stop/", runs.stop, name="stop_run"),
    path(f"{ROOM}runs/<int:number>/pause/", intervening.pause, name="pause_run"),
    path(f"{ROOM}runs/<int:number>/resume/", intervening.resume, name="resume_run"),
    path(f"{ROOM}runs/<int:number>/retry/", intervening.retry, name="retry_turn"),
    path(f"{ROOM}runs/<int:number>/fork/", intervening.fork, name="fork_run"),
    path(f"{ROOM}runs/<int:number>/compare/", intervening.compare, name="compare_runs"),
    path(f"{ROOM}authority/", authority.show, name="authority"),
    path(f"{ROOM}authority/rules/", authority.rules, name="rules"),
    path(f"{ROOM}authority/agents/", authority.agents, name="quarantine"),
    path(f"{ROOM}boundaries/", boundaries.show, name="boundaries"),
    path(f"{ROOM}boundaries/labels/", boundaries.label, name="set_label"),
    path(f"{ROOM}boundaries/egress/", boundaries.egress, name="set_egress"),
    path(f"{ROOM}boundaries/redaction/", boundaries.redaction, name="set_redaction"),
    path(f"{ROOM}boundaries/clearances/", boundaries.clearance, name="set_clearance"),
    path(f"{ROOM}boundaries/lendings/<uuid:lending>/", boundaries.lending, name="take_back"),
    path(f"{ROOM}teams/", teams.index, name="teams"),
    path(f"{ROOM}teams/<slug:slug>/", teams.show, name="team"),
    path(f"{ROOM}teams/<slug:slug>/draft/", teams.draft, name="draft"),
    path(f"{ROOM}teams/<slug:slug>/publish/", teams.publish, name="publish_team"),
    path(f"{ROOM}teams/<slug:slug>/compare/", teams.compare, name="compare_team"),
    path(f"{ROOM}teams/<slug:slug>/rollback/", teams.roll_back, name="roll_back_team"),
    path(f"{ROOM}teams/<slug:slug>/copy/", teams.copy, name="copy_team"),
    path(f"{ROOM}teams/<slug:slug>/trials/", trials.index, name="trials"),
    path(f"{ROOM}teams/<slug:slug>/trials/<uuid:trial>/", trials.show, name="trial"),
    path(f"{ROOM}teams/<slug:slug>/trials/<uuid:trial>/stop/", trials.stop, name="stop_trial"),
    path(f"{ROOM}teams/<slug:slug>/export/", teams.export, name="export_team"),
    path(MEANS, means.index, name="means"),
    path(f"{MEANS}endpoints/", means.endpoint, name="set_endpoint"),
    path(f"{MEANS}sources/", means.source, name="set_source"),
    path(f"{MEANS}targets/", means.target, name="set_target"),
    path("approvals/", approvals.index, name="inbox"),
    path("approvals/badge/", approvals.badge, name="badge"),
    path("approvals/<uuid:approval>/", approvals.show, name="approval"),
    path("approvals/<uuid:approval>/decisions/", approvals.decide, name="decide"),
]
