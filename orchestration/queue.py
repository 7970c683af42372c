"""Hints to workers. Losing one costs seconds, never a run: `heal` finds what was lost."""

from functools import partial

from django.db import transaction

from orchestration.models import Batch, Run


def enqueue(run: Run) -> None:
    """After the commit, hint that `run` can go on."""
    transaction.on_commit(partial(_send, str(run.organization_id), str(run.id)))


def _send(organization_id: str, run_id: str) -> None:
    from orchestration.tasks import advance_run

    advance_run.delay(organization_id, run_id)


def tell_batch_later(batch: Batch, seconds: int) -> None:
    """After the commit, hint that the tally of `batch` is to be told in `seconds`."""
    transaction.on_commit(partial(_send_batch, str(batch.organization_id), str(batch.id), seconds))


def _send_batch(organization_id: str, batch_id: str, seconds: int) -> None:
    from orchestration.tasks import tell_tally

    tell_tally.apply_async((organization_id, batch_id), countdown=seconds)
