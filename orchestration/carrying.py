"""Carrying a run in this process until it rests: for commands that work alone, with or without workers beside them."""

import time
from uuid import UUID

from django.db.models import Q

from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.models import Run

PAUSE_SECONDS = 0.2
RESTING = (*Run.ENDED, Run.State.WAITING, Run.State.PAUSED)


def carry(organization_id: UUID, run_id: UUID, patience: float = 60.0) -> str:
    """Carry a root run and what is nested in it until it has ended or waits for a person; return its state.

    Where a worker was quicker with a turn, wait for it, at most `patience` seconds after the last own step.
    """
    until = time.monotonic() + patience
    while True:
        before = _open_runs(organization_id, run_id)
        for open_id in before:
            work(organization_id, open_id)
        with unit_of_work(organization_id):
            state: str = Run.objects.values_list("state", flat=True).get(pk=run_id)
        if state in RESTING or time.monotonic() > until:
            return state
        time.sleep(PAUSE_SECONDS)


def _open_runs(organization_id: UUID, run_id: UUID) -> list[UUID]:
    """Return the runs of the tree that go on, the outermost first."""
    with unit_of_work(organization_id):
        tree = Run.objects.filter(Q(pk=run_id) | Q(root=run_id)).exclude(state__in=Run.ENDED)
        return list(tree.order_by("created_at").values_list("id", flat=True))
