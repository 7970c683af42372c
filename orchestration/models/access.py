"""What people ask for beyond what they may: a relation to a room, a document, a source for a room."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import TenantModel
from workrooms.models import Workroom


class AccessRequest(TenantModel):
    """One person asks for one thing, for good or `until` a time.

    `named` is what they asked for in their own words; `workroom` and `object` (a ledger name) what was found by it:
    null and "" where there is nothing, which looks the same to them. `hidden`: they could not see it when they asked,
    so only a yes is told to them. `ended_at`: what was granted holds no more.
    """

    class Kind(models.TextChoices):
        RELATION = "relation"
        DOCUMENT = "document"
        SOURCE = "source"

    class State(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        REFUSED = "refused"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    named = models.CharField(max_length=200)
    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, null=True, related_name="+")
    object = models.CharField(max_length=200, blank=True)
    relation = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=1000)
    until = models.DateTimeField(null=True)
    hidden = models.BooleanField(default=False)
    deadline = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["deadline"], condition=models.Q(state="open"), name="open_access_requests"),
            models.Index(fields=["until"], condition=models.Q(state="granted", ended_at=None), name="access_that_ends"),
            models.Index(fields=["workroom", "state"]),
        ]
