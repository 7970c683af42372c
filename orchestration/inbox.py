"""What waits for a person: the approvals that they may decide."""

from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from accounts.models import User
from orchestration.models import Approval
from workrooms.models import Participant

RELATED = ("workroom__organization", "run__root", "run__version__team", "turn__user", "requester", "entry")


def decidable_by(user: User) -> Any:
    """Return the open approvals that `user` may decide now (`policies.may_decide` as a query), most urgent first."""
    relation = Participant.objects.filter(workroom=OuterRef("workroom"), user=user).values("relation")[:1]
    mine = Q(mine=F("relation")) | Q(relation="editor", mine__in=("approver", "owner"))
    escalated = Q(mine="owner", escalated_at__isnull=False)
    rows = Approval.objects.filter(state=Approval.State.OPEN).annotate(mine=Subquery(relation)).filter(mine | escalated)
    return rows.exclude(not_requester=True, requester=user).order_by("deadline", "created_at")


def seen_by(user: User) -> Any:
    """Return all approvals of the rooms `user` is in."""
    return Approval.objects.filter(workroom__participants__user=user).select_related(*RELATED)
