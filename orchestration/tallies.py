"""Runs counted: the headline of a batch, and the results strip."""

from statistics import median
from typing import Any

from django.db.models import Count, Sum

from orchestration.models import Approval, ApprovalDecision, Batch, Budget, Run
from workrooms.entries import room_path
from workrooms.models import Workroom

WORDS = (
    ("settled", "", (Run.State.FINISHED,)),
    ("need a person", "waiting", (Run.State.WAITING,)),
    ("running", "running", (Run.State.QUEUED, Run.State.RUNNING, Run.State.PAUSED, Run.State.STOPPING)),
    ("failed", "failed", (Run.State.FAILED, Run.State.STOPPED)),
)


def batch_context(batch: Batch) -> dict[str, Any]:
    """Return what a batch's headline reads."""
    runs = Run.objects.filter(batch=batch)
    by_state = dict(runs.order_by().values_list("state").annotate(number=Count("id")))
    tally = [
        {"word": word, "class": css, "number": sum(by_state.get(state, 0) for state in states)}
        for word, css, states in WORDS
    ]
    numbers = sorted(runs.values_list("number", flat=True))
    return {
        "batch": batch,
        "tally": [part for part in tally if part["number"]],
        "dots": [part["class"] for part in tally for _ in range(part["number"])][:200],
        "runs": len(numbers),
        "first": numbers[0] if numbers else 0,
        "last": numbers[-1] if numbers else 0,
        "paid_cents": paid_cents(runs),
        "currency": "USD",
        "spent": Budget.objects.filter(run__batch=batch).aggregate(total=Sum("microcents"))["total"] or 0,
        "here": room_path(batch.workroom),
    }


def paid_cents(runs: Any) -> int:
    """Return the sum of what finished runs paid (`paid_cents` of their results)."""
    results = runs.filter(state=Run.State.FINISHED).values_list("result", flat=True)
    return sum(result.get("paid_cents") or 0 for result in results if result)


def results_strip(room: Workroom) -> dict[str, Any]:
    """Return the strip's figures over the room's own runs: shares in percent, seconds, micro-cents."""
    runs = Run.objects.filter(workroom=room, parent=None)
    ended = runs.filter(state__in=Run.ENDED)
    total = ended.count()
    asked = Approval.objects.filter(workroom=room).values_list("run__root_id", "run_id")
    by_people = {root or own for root, own in asked}
    straight = ended.filter(state=Run.State.FINISHED).exclude(pk__in=by_people).count()
    closed = Approval.objects.filter(workroom=room, decided_at__isnull=False)
    waits = [(decided - opened).total_seconds() for opened, decided in closed.values_list("created_at", "decided_at")]
    edited = ApprovalDecision.objects.filter(approval__workroom=room, decision=ApprovalDecision.Verb.EDIT).count()
    spent = Budget.objects.filter(run__in=ended).aggregate(total=Sum("microcents"))["total"] or 0
    return {
        "ended": total,
        "straight": straight,
        "straight_percent": round(100 * straight / total) if total else None,
        "median_seconds": median(waits) if waits else None,
        "cost_per_run": spent // total if total else None,
        "changed": edited,
        "changed_percent": round(100 * edited / total) if total else None,
    }
