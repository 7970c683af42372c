"""Trying a team's draft on runs that have finished, without effects; models are asked where a person wants that."""

from dataclasses import asdict

from django.utils import timezone

from accounts.errors import Conflict, Invalid
from accounts.ledger.record import record
from accounts.models import User
from orchestration.actions.teams import lint_team
from orchestration.models import Run, Team, Trial, TriedRun
from orchestration.queue import enqueue_trial
from orchestration.teams.loading import load
from orchestration.teams.loosening import reaching
from orchestration.trials.forecasting import asks_models, worst_of
from orchestration.trials.purse import close_purse, open_purse
from orchestration.turns import heal_time
from workrooms.policies import is_cleared

MOST_RUNS = 50


def readable_draft(team: Team) -> dict[str, object]:
    """Return the draft of a team as data, to be tried or rehearsed by somebody.

    Raises Invalid for one with mistakes, and Conflict for one whose agents could reach more than those in force: that
    takes publishing, which two people do.
    """
    findings = [one for one in lint_team(team.workroom, team.draft, team.slug) if one.severity == "error"]
    if findings:
        mistakes = [(f"line {one.line}: {one.path}", f"{one.message} Expected {one.expected}.") for one in findings]
        raise Invalid("The draft has mistakes; mend them first.", mistakes)
    definition = load(team.draft, "yaml").data
    further = reaching(team.published.definition, definition) if team.published is not None else []
    if further:
        told = " ".join(further)
        raise Conflict(f"The agents of this draft could reach more than those in force: publish it first. {told}")
    return dict(definition)


def start_trial(
    team: Team, *, actor: User, runs: int = 20, models: bool = False, budget_cents: int | None = None
) -> Trial:
    """Try the draft on the team's last finished runs (at most 50), in a worker. Nothing is written, sent or asked of
    people.

    No model is asked, what it answered in the run stands in; with `models` they are, and the worst that may cost (at
    most `budget_cents`) is reserved now. Raises Invalid, Conflict.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise Invalid("On how many runs?", [("runs", f"expected 1 to {MOST_RUNS}")])
    if budget_cents is not None and budget_cents < 0:
        raise Invalid("For how much?", [("budget_cents", "expected 0 or more")])
    definition = readable_draft(team)
    finished = Run.objects.of_room(team.workroom).filter(version__team=team, state=Run.State.FINISHED, pretends="")
    chosen = [run for run in finished[: 2 * MOST_RUNS] if is_cleared(actor, team.workroom, f"run:{run.id}")][:runs]
    if not chosen:
        raise Conflict(f"{team.name} has no finished run to be tried on.")
    if models and not asks_models(definition):
        raise Conflict("No agent of this draft asks a model.")
    worst = worst_of(definition, len(chosen), budget_cents)
    trial: Trial = Trial.objects.create(
        organization_id=team.organization_id,
        workroom=team.workroom,
        team=team,
        requester=actor,
        run=open_purse(team, actor, len(chosen), worst) if models else None,
        text=team.draft,
        definition=definition,
        heal_at=heal_time(),
    )
    TriedRun.objects.bulk_create(
        TriedRun(organization_id=team.organization_id, trial=trial, run=run, place=place)
        for place, run in enumerate(chosen, start=1)
    )
    record("trial.started", actor=actor, ledger=team.workroom_id, object=f"trial:{trial.id}",
           payload={"team": team.slug, "runs": len(chosen), **(asdict(worst) if models else {})})  # fmt: skip
    enqueue_trial(trial)
    return trial


def stop_trial(trial: Trial, *, actor: User) -> Trial:
    """Try the draft on no more runs; what was tried stays. Raises Conflict for a trial that is over."""
    row: Trial = Trial.objects.select_for_update(of=("self",), no_key=True).select_related("team").get(pk=trial.pk)
    if row.state not in Trial.OPEN:
        raise Conflict(f"This trial is over: {row.state}.")
    row.state, row.heal_at, row.finished_at = Trial.State.STOPPED, None, timezone.now()
    row.save(update_fields=["state", "heal_at", "finished_at"])
    close_purse(row)
    record("trial.stopped", actor=actor, ledger=row.workroom_id, object=f"trial:{row.id}",
           payload={"team": row.team.slug})  # fmt: skip
    return row
