"""What an approved call may do: once, or with its targets lent to the run, or to the room until a time."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.utils import timezone

from accounts.errors import Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Lending, User
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.models import Approval, ApprovalDecision, ToolCall
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.context import Context
from workrooms.models import Workroom

Reach = Literal["once", "run", "room"]
LONGEST = timedelta(days=30)


def lend_targets(approval: Approval, *, actor: User, reach: Reach, until: datetime | None = None) -> list[Lending]:
    """Lend the targets of an approved call: `run` until the run ends, `room` until a time within 30 days.

    Raises Invalid for an approval that is not about a call with targets, or a time that cannot be used.
    """
    if reach == "once":
        return []
    if approval.action.get("act") != "call" or not (targets := _targets(approval)):
        raise Invalid("Only the targets of a call can be lent.", [("lend", "expected once")])
    now = timezone.now()
    if reach == "room" and (until is None or not now < until <= now + LONGEST):
        raise Invalid("Say until when.", [("until", f"expected a time within {LONGEST.days} days")])
    made: list[Lending] = [
        Lending.objects.create(
            organization_id=approval.organization_id,
            room=approval.workroom_id,
            run=approval.run.root_id_or_own if reach == "run" else None,
            tool=approval.action["tool"],
            slot=slot,
            value=value[:300],
            until=until if reach == "room" else None,
            approval=approval.id,
            lent_by=actor,
        )
        for slot, value in targets
    ]
    payload = {"tool": approval.action["tool"], "targets": [value for _, value in targets], "reach": reach,
               "until": until.isoformat() if until else None}  # fmt: skip
    record("target.lent", actor=actor, ledger=approval.workroom_id, object=f"approval:{approval.id}",
           run=approval.run.root_id_or_own, payload=payload)  # fmt: skip
    return made


def lendable(approval: Approval) -> list[tuple[str, str]]:
    """Return the targets [(argument, value)] that an approval could lend; none where it is not about such a call."""
    try:
        return _targets(approval) if approval.action.get("act") == "call" else []
    except (ToolDenied, ToolFailed):
        return []


def take_back(room: Workroom, lending_id: UUID, *, actor: User) -> None:
    """Take back what was lent; it counts with the next act. Raises NotFound."""
    changed = Lending.objects.filter(pk=lending_id, room=room.id, revoked_at=None).update(revoked_at=timezone.now())
    if not changed:
        raise NotFound("Nothing of that kind is lent in this room.")
    record("target.taken_back", actor=actor, ledger=room.id, object=f"lending:{lending_id}")


def lent_in(room: Workroom) -> list[Lending]:
    """Return what is lent in the room now."""
    held = Lending.objects.filter(room=room.id, revoked_at=None).select_related("lent_by")
    return list((held.filter(until=None) | held.filter(until__gt=timezone.now())).order_by("-created_at"))


def answered(approval: Approval, approved: bool) -> dict[str, str]:
    """Return what becomes of the call: approved it is proposed again and decided anew, refused it is denied."""
    if approved:
        return {"state": ToolCall.State.PROPOSED, "error": ""}
    given = approval.decisions.exclude(decision=ApprovalDecision.Verb.ASK).select_related("user").first()
    why = f"{given.user.name} refused it: {given.reason}" if given else "Nobody allowed it in time."
    return {"state": ToolCall.State.DENIED, "error": why}


def _targets(approval: Approval) -> list[tuple[str, str]]:
    run, turn = approval.run, approval.turn
    assert turn.user is not None
    context = Context(run, turn, run.workroom, turn.user, run.requester)
    uses = TOOLS[approval.action["tool"]].act(context, approval.action["arguments"]).uses
    return [(use.slot, use.value) for use in uses if use.role == "target"]
