"""Questions a run waits on and people answer."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import TenantModel
from orchestration.models.run import Run
from orchestration.models.turn import Turn
from workrooms.models import Message, Workroom


class Approval(TenantModel):
    """One question. `digest` binds the exact act in `action`; state and execution are told apart."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REJECTED = "rejected"
        EXPIRED = "expired"
        SUPERSEDED = "superseded"

    class Execution(models.TextChoices):
        NONE = "none"
        EXECUTING = "executing"
        EXECUTED = "executed"
        FAILED = "failed"
        AMBIGUOUS = "ambiguous"

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="approvals")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="approvals")
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="approvals")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    rules = models.JSONField()
    action = models.JSONField()
    digest = models.CharField(max_length=64)
    relation = models.CharField(max_length=10, default="approver")
    quorum = models.PositiveSmallIntegerField(default=1)
    not_requester = models.BooleanField(default=False)
    within = models.CharField(max_length=10, default="2d")
    deadline = models.DateTimeField()
    otherwise = models.CharField(max_length=10, default="escalate")
    escalated_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    execution = models.CharField(max_length=10, choices=Execution, default=Execution.NONE)
    entry = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    @property
    def votes(self) -> list[str]:
        """The names of those who said yes to it as it is now."""
        yes = self.decisions.filter(decision__in=("approve", "edit"), digest=self.digest)
        return list(yes.values_list("user__name", flat=True))

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["deadline"], condition=models.Q(state="open"), name="open_approvals"),
            models.Index(fields=["workroom", "state"]),
        ]


class ApprovalDecision(TenantModel):
    """What one person answered, on behalf of an absent one if any. As many yeses as its quorum, or one no, close an
    approval."""

    class Verb(models.TextChoices):
        APPROVE = "approve"
        EDIT = "edit"
        REJECT = "reject"
        ASK = "ask"

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Verb)
    reason = models.TextField(blank=True)
    edits = models.JSONField(null=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["approval", "user", "digest"], condition=~models.Q(decision="ask"), name="one_vote_each"
            )
        ]
