"""What must be kept, and what must not be kept for ever."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.base import TenantModel
from accounts.models.event import Ledger


class LegalHold(TenantModel):
    """Until it is lifted nothing of the ledger's room (of the whole organization, for its own ledger) is erased."""

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]


class Retention(TenantModel):
    """After how many days the content of a ledger's room is erased."""

    ledger = models.OneToOneField(Ledger, on_delete=models.PROTECT, related_name="retention")
    days = models.PositiveIntegerField()
