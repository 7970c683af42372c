"""The tree over a ledger, and what was signed of it."""

from typing import ClassVar

from django.db import models

from accounts.models.base import TenantModel
from accounts.models.event import Ledger


class Subtree(TenantModel):
    """The root of one whole subtree of 2^`level` leaves, the `place`-th of its kind. Added, never changed."""

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="subtrees")
    level = models.PositiveSmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField()
    created_at = None  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ledger", "level", "place"], name="one_subtree_per_place")
        ]


class Checkpoint(TenantModel):
    """A signed note: the ledger had `size` events, and their tree this root. Only `witnessed_at` may change."""

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    witnessed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ledger", "size"], name="one_checkpoint_per_size")]


class Stream(TenantModel):
    """Up to which event a ledger was sent to the SIEM."""

    ledger = models.OneToOneField(Ledger, on_delete=models.PROTECT, related_name="stream")
    seq = models.BigIntegerField(default=0)
