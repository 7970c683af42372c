"""Effects of the past: what was written or sent already is not written or sent again, its result is given again."""

from uuid import UUID

from django.db.models import Q

from orchestration.brains.assignment import ToolFailed
from orchestration.models import Run, ToolCall, Turn
from orchestration.tools.catalogue import TOOLS

SETTLED = (ToolCall.State.SUCCEEDED, ToolCall.State.EXECUTING, ToolCall.State.AMBIGUOUS)


def done_before(run: Run, call: ToolCall) -> ToolCall | None:
    """Return the call that already had this very effect, if one did (the same tool with the same arguments).

    It may be of an earlier try of the same turn, of a turn of the run that was set aside, or of any turn of the runs
    that this one was begun from. A read is done anew: the world may have changed. Raises ToolFailed while the other
    run is at it.
    """
    tool = TOOLS.get(call.tool)
    if tool is None or tool.kind == "read" or call.state != ToolCall.State.PROPOSED:
        return None
    root, origins = run.root_id_or_own, origins_of(run)
    past = Q(turn=call.turn_id) | Q(turn__run__in=origins) | Q(turn__run__root__in=origins)
    aside = Q(turn__state=Turn.State.SUPERSEDED) & (Q(turn__run=root) | Q(turn__run__root=root))
    made = ToolCall.objects.filter(past | aside, digest=call.digest, state__in=SETTLED)
    found: ToolCall | None = made.exclude(pk=call.pk).select_related("turn__run__root").order_by("created_at").first()
    if found is not None and found.state == ToolCall.State.EXECUTING:
        other = found.turn.run.root_or_own
        if other.id != root and not other.ended:
            raise ToolFailed(f"Run {other.number} is making this very call now: how it ends is not known yet.")
    return found


def origins_of(run: Run) -> list[UUID]:
    """Return the root runs that a run was begun from, the nearest first."""
    found: list[UUID] = []
    origin = run.root_or_own.forked_from_id
    while origin is not None and origin not in found:
        found.append(origin)
        origin = Run.objects.filter(pk=origin).values_list("forked_from_id", flat=True).first()
    return found
