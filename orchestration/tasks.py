"""Celery carries hints; each task says its organization, and does its work in units of its own."""

from smtplib import SMTPException
from uuid import UUID

from celery import shared_task
from django.core.mail import send_mail
from django.db.models import Q

from accounts.reach import all_organizations, due_access, due_approvals, due_runs, due_trials, unexamined_runs
from accounts.tenancy import unit_of_work
from orchestration.access.deciding import come_due
from orchestration.actions.deadlines import pass_deadline
from orchestration.actions.unblocking import unblock
from orchestration.engine import work
from orchestration.failures.reading import keep_findings
from orchestration.models import Batch, Run, Trial
from orchestration.queue import enqueue, enqueue_trial
from orchestration.telling import tell_batch
from orchestration.trials.working import work_on
from orchestration.turns import heal_time

AT_ONCE = 200  # runs looked at together


@shared_task
def advance_run(organization_id: str, run_id: str) -> None:
    """Carry one run as far as it goes."""
    work(UUID(organization_id), UUID(run_id))


@shared_task
def try_draft(organization_id: str, trial_id: str) -> None:
    """Try a draft on one finished run after the other."""
    work_on(UUID(organization_id), UUID(trial_id))


@shared_task
def tell_tally(organization_id: str, batch_id: str) -> None:
    """Tell how far a batch is."""
    with unit_of_work(UUID(organization_id)):
        tell_batch(Batch.objects.select_related("headline__workroom__organization", "workroom").get(pk=batch_id))


@shared_task
def heal() -> None:
    """Hint again at runs whose worker went away, whose hint was lost, or that wait although nobody is asked."""
    for due in due_runs():
        with unit_of_work(due.organization_id):
            looked_after = Q(heal_at__isnull=False) | Q(state=Run.State.WAITING)
            Run.objects.filter(looked_after, pk=due.id).update(heal_at=heal_time())
            for run in Run.objects.filter(pk=due.id).exclude(state__in=Run.ENDED):
                enqueue(run)

    for due in due_trials():
        with unit_of_work(due.organization_id):
            for trial in Trial.objects.filter(pk=due.id, state__in=Trial.OPEN):
                enqueue_trial(trial)


@shared_task
def examine() -> None:
    """Look for failures in runs that have ended, and keep how many there are of each mode."""
    for due in unexamined_runs():
        with unit_of_work(due.organization_id):
            for run in Run.objects.filter(pk=due.id).select_related("version"):
                keep_findings(run)


@shared_task
def look_for_impasses() -> None:
    """Find runs in which everybody waits for somebody and nobody can go on, and put it to people."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            going = Run.objects.filter(parent=None, finished_at=None)
            roots = list(going.order_by("id").values_list("id", flat=True))
        for place in range(0, len(roots), AT_ONCE):
            unblock(organization_id, roots[place : place + AT_ONCE])


@shared_task
def deadlines() -> None:
    """Escalate or close approvals that nobody decided in time."""
    for due in due_approvals():
        with unit_of_work(due.organization_id):
            pass_deadline(due.id)


@shared_task
def end_access() -> None:
    """End what people were given until now, and close what nobody decided in time."""
    for due in due_access():
        with unit_of_work(due.organization_id):
            come_due(due.id)


@shared_task(autoretry_for=(OSError, SMTPException), retry_backoff=True, max_retries=5)
def send_notice(addresses: list[str], deadline: str, link: str) -> None:
    """Send the word that a decision waits, one mail a person."""
    text = f"A decision waits for you in Workroom, until {deadline}.\n\n{link}\n"
    for address in addresses:
        send_mail("A decision waits for you", text, None, [address])
