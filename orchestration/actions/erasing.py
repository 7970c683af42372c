"""What runs keep of a subject: emptied with the room's own content."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver

from accounts.errors import Conflict
from accounts.models import Withheld
from orchestration.models import AccessRequest, Approval, ApprovalDecision, ModelResponse, Run, ToolCall, Turn
from workrooms.models import Workroom
from workrooms.signals import Matching, content_erased

EMPTY_RUN: dict[str, Any] = {"goal": "", "subject": "", "input": {}, "documents": [], "scope": [], "result": None}
EMPTY_TURN: dict[str, Any] = {"input": {}, "output": None, "findings": [], "saw": {}, "error": ""}


@receiver(content_erased)
def empty_requests(sender: Any, room: Workroom, matching: Matching, **kwargs: Any) -> list[UUID]:
    """Empty what people gave as reasons when they asked for access, and what was answered."""
    wanted = matching.by("requester", "decided_by") | matching.says("reason", "note") | matching.older("decided_at")
    AccessRequest.objects.filter(wanted, workroom=room).update(reason="", note="")
    return []


@receiver(content_erased)
def empty_runs(sender: Any, room: Workroom, matching: Matching, **kwargs: Any) -> list[UUID]:
    """Empty the runs that match, with all that is nested in them; return their ids.

    Raises Conflict while one asked for by person or words has not ended; what is merely old waits for its end.
    """
    runs = Run.objects.filter(workroom=room)
    found = runs.filter(_wanted(matching) | Q(pk__in=_with_content(matching))).exclude(goal="", input={})
    roots = {run.root_id or run.pk for run in found}
    whole = runs.filter(Q(pk__in=roots) | Q(root__in=roots))
    still = whole.exclude(state__in=Run.ENDED)
    if still.exists() and not matching.before:
        numbers = ", ".join(str(number) for number in still.values_list("number", flat=True) if number)
        raise Conflict(f"Runs concerned have not ended; stop them first: {numbers}.", [("run", "not ended")])
    ids = list(whole.exclude(pk__in=still).values_list("pk", flat=True))
    Approval.objects.filter(run__in=ids).update(title="Erased", action={})
    ApprovalDecision.objects.filter(approval__run__in=ids).update(reason="", edits=None)
    ModelResponse.objects.filter(turn__run__in=ids).update(message={})
    ToolCall.objects.filter(turn__run__in=ids).update(arguments={}, result=None, error="", saw="")
    Turn.objects.filter(run__in=ids).update(**EMPTY_TURN)
    Withheld.objects.filter(run__in=ids).delete()
    Run.objects.filter(pk__in=ids).update(**EMPTY_RUN)
    return ids


def _wanted(matching: Matching) -> Q:
    return (
        matching.by("requester") | matching.says("goal", "subject", "input", "result") | matching.older("finished_at")
    )


def _with_content(matching: Matching) -> Any:
    turns = Turn.objects.filter(matching.says("input", "output", "error", "saw")).values("run")
    calls = ToolCall.objects.filter(matching.says("arguments", "result", "saw")).values("turn__run")
    replies = ModelResponse.objects.filter(matching.says("message")).values("turn__run")
    return turns.union(calls, replies)
