"""A trial under way: one run after the other, each kept when it was tried. A worker that dies loses one try."""

from collections import Counter
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.db.transaction import on_commit
from django.utils import timezone

from accounts.ledger.record import record
from accounts.tenancy import unit_of_work
from orchestration.models import Trial, TriedRun
from orchestration.trials.purse import close_purse
from orchestration.trials.trying import Tried, try_on
from orchestration.turns import heal_time
from workrooms.broadcasts import broadcast_refresh


def work_on(organization_id: UUID, trial_id: UUID) -> None:
    """Try the draft on every run that it was not tried on yet, unless somebody else is at it."""
    with unit_of_work(organization_id):
        if not _take(trial_id):
            return
    while (following := _next(organization_id, trial_id)) is not None:
        trial, tried = following
        if (came := try_on(trial, tried.run_id, tried.place)) is not None:
            _keep(trial, tried.id, came)


def _take(trial_id: UUID) -> bool:
    now = timezone.now()
    free = Q(state=Trial.State.QUEUED) | Q(heal_at__lt=now)
    rows = Trial.objects.filter(free, pk=trial_id, state__in=Trial.OPEN)
    return bool(rows.update(state=Trial.State.RUNNING, heal_at=heal_time(), started_at=now))


def _next(organization_id: UUID, trial_id: UUID) -> tuple[Trial, TriedRun] | None:
    with unit_of_work(organization_id):
        rows = Trial.objects.select_for_update(of=("self",), no_key=True).select_related(
            "team__published", "requester", "workroom"
        )
        trial: Trial | None = rows.filter(pk=trial_id, state=Trial.State.RUNNING).first()
        if trial is None:
            return None
        tried: TriedRun | None = TriedRun.objects.filter(trial=trial, outcome="").order_by("place").first()
        if tried is None:
            _finish(trial)
            return None
        trial.heal_at = heal_time()
        trial.save(update_fields=["heal_at"])
        return trial, tried


def _keep(trial: Trial, tried_id: UUID, tried: Tried) -> None:
    judged = tried.judged
    with unit_of_work(trial.organization_id):
        TriedRun.objects.filter(pk=tried_id, outcome="").update(
            outcome=judged.outcome,
            reason=judged.reason,
            fields=[[one.path, one.first, one.second] for one in judged.fields],
            milliseconds=tried.milliseconds,
            turns=tried.turns,
        )
        on_commit(partial(broadcast_refresh, trial.workroom_id, "trials"))


def _finish(trial: Trial) -> None:
    trial.state, trial.heal_at, trial.finished_at = Trial.State.FINISHED, None, timezone.now()
    trial.save(update_fields=["state", "heal_at", "finished_at"])
    close_purse(trial)
    tally = Counter(TriedRun.objects.filter(trial=trial).values_list("outcome", flat=True))
    record("trial.finished", actor=None, on_behalf_of=trial.requester, ledger=trial.workroom_id,
           object=f"trial:{trial.id}", payload={"team": trial.team.slug, "runs": tally.total(), **tally})  # fmt: skip
    on_commit(partial(broadcast_refresh, trial.workroom_id, "trials"))
