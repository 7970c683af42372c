"""Hints to workers. Losing one costs seconds, never a run: `heal` finds what was lost."""

from functools import partial

from django.db import transaction

from orchestration.models import Run


def enqueue(run: Run) -> None:
    """After the commit, hint that `run` can go on."""
    transaction.on_commit(partial(_send, str(run.organization_id), str(run.id)))


def _send(organization_id: str, run_id: str) -> None:
    from orchestration.tasks import advance_run

    advance_run.delay(organization_id, run_id)
