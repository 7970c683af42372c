"""Hints to workers, by the names of their tasks. Losing one costs seconds, never a run: `heal` finds what was lost."""

from celery import current_app

from accounts.tenancy import after_commit
from orchestration.models import Batch, Run, Trial

ADVANCE_RUN = "orchestration.tasks.advance_run"
TRY_DRAFT = "orchestration.tasks.try_draft"
TELL_TALLY = "orchestration.tasks.tell_tally"
SEND_NOTICE = "orchestration.tasks.send_notice"


def enqueue(run: Run) -> None:
    """After the commit, hint that `run` can go on."""
    _hint(ADVANCE_RUN, str(run.organization_id), str(run.id))


def enqueue_later(run: Run, seconds: int) -> None:
    """After the commit, hint that `run` can go on in `seconds`."""
    _hint(ADVANCE_RUN, str(run.organization_id), str(run.id), seconds=seconds)


def enqueue_trial(trial: Trial) -> None:
    """After the commit, hint that a trial can go on."""
    _hint(TRY_DRAFT, str(trial.organization_id), str(trial.id))


def tell_batch_later(batch: Batch, seconds: int) -> None:
    """After the commit, hint that the tally of `batch` is to be told in `seconds`."""
    _hint(TELL_TALLY, str(batch.organization_id), str(batch.id), seconds=seconds)


def send_notice_later(addresses: list[str], deadline: str, link: str) -> None:
    """After the commit, have each address told that a decision waits until `deadline`, at `link`."""
    _hint(SEND_NOTICE, addresses, deadline, link)


def _hint(task: str, *arguments: object, seconds: int = 0) -> None:
    """A broker that is away is logged: what was committed stands, and is no error of who did it."""

    def send() -> None:
        current_app.send_task(task, arguments, countdown=seconds or None)

    after_commit(send, robust=True)
