"""What happens when nobody decides in time."""

from uuid import UUID

from django.utils import timezone

from orchestration.actions.approvals import close_approval, locked_approval
from orchestration.asking.notices import notify_deciders
from orchestration.models import Approval
from orchestration.teams.deadlines import parse_within
from orchestration.telling import tell_approval


def pass_deadline(approval_id: UUID) -> None:
    """Escalate an overdue approval to the room's owners with a new deadline, or let silence reject it."""
    run, row = locked_approval(Approval.objects.get(pk=approval_id))
    if row.state != Approval.State.OPEN or row.deadline > timezone.now():
        return
    if row.otherwise == "reject":
        close_approval(run, row, None, "reject")
        return
    escalate(row)


def escalate(row: Approval) -> None:
    """Ask the room's owners too, with a new deadline."""
    row.escalated_at = timezone.now()
    row.deadline = parse_within(row.within).after(timezone.now())
    row.save(update_fields=["escalated_at", "deadline"])
    tell_approval(row, actor=None, event="approval.escalated")
    notify_deciders(row)
