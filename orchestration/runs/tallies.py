"""Runs counted: the headline of a batch, and the results strip."""

from statistics import median
from typing import Any

from django.db.models import Avg, CharField, Count, DecimalField, F, Func, Q, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from orchestration.models import Approval, ApprovalDecision, Batch, Budget, Run, Target
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
        **settled(runs, batch.workroom),
        "spent": Budget.objects.filter(run__batch=batch).aggregate(total=Sum("microcents"))["total"] or 0,
        "here": room_path(batch.workroom),
    }


def settled(runs: Any, room: Workroom) -> dict[str, Any]:
    """Return what finished runs say is due and what of it was paid, in cents, and why the rest was not sent."""
    due, paid = stated_cents(runs, "due_cents"), stated_cents(runs, "paid_cents")
    unsent = ""
    if due > paid:
        has_target = Target.objects.filter(workroom=room).exists()
        unsent = "the rest is not sent" if has_target and paid else "not sent" if has_target else "not sent: no target"
    return {"settled_cents": max(due, paid), "paid_cents": paid, "unsent": unsent, "currency": "USD"}


def stated_cents(runs: Any, name: str) -> int:
    """Return the sum of `name` in the results of finished runs, where it is a number."""
    stated = (
        runs.order_by()
        .filter(state=Run.State.FINISHED)
        .annotate(kind=Func(KeyTransform(name, "result"), function="jsonb_typeof", output_field=CharField()))
    )
    cents = Cast(KeyTextTransform(name, "result"), DecimalField(max_digits=30, decimal_places=2))
    return int(stated.filter(kind="number").aggregate(total=Sum(cents))["total"] or 0)


def results_strip(room: Workroom) -> dict[str, Any]:
    """Return the strip's figures over the room's own runs: shares in percent, seconds, micro-cents."""
    runs = Run.objects.filter(workroom=room, parent=None, pretends="")
    ended = runs.filter(state__in=Run.ENDED)
    total = ended.count()
    questions = Approval.objects.filter(workroom=room, run__pretends="")
    asked = questions.annotate(asker=Coalesce("run__root_id", "run_id")).values("asker")
    reached = runs.filter(Q(state__in=Run.ENDED) | Q(pk__in=asked)).count()
    straight = ended.filter(state=Run.State.FINISHED).exclude(pk__in=asked).count()
    closed = questions.filter(decided_at__isnull=False)
    waits = [(decided - opened).total_seconds() for opened, decided in closed.values_list("created_at", "decided_at")]
    edits = ApprovalDecision.objects.filter(approval__workroom=room, approval__run__pretends="",
                                            decision=ApprovalDecision.Verb.EDIT)  # fmt: skip
    changed = edits.values(asker=Coalesce("approval__run__root_id", "approval__run_id")).distinct().count()
    spent = Budget.objects.filter(run__in=ended).aggregate(total=Sum("microcents"))["total"] or 0
    worked = ended.exclude(pk__in=asked).aggregate(mean=Avg(F("finished_at") - F("started_at")))["mean"]
    return {
        "finished": reached,
        "straight": straight,
        "straight_percent": round(100 * straight / reached) if reached else None,
        "median_seconds": median(waits) if waits else None,
        "cost_microcents": spent // total if total else None,
        "run_seconds": worked.total_seconds() if worked else None,
        "decided": total,
        "changed": changed,
        "changed_percent": round(100 * changed / total) if total else None,
        **settled(runs, room),
        "spent_microcents": Budget.objects.filter(run__in=runs).aggregate(total=Sum("microcents"))["total"] or 0,
    }
