"""The ledger: chains of events, one per room and one per organization."""

from typing import ClassVar

from django.db import models

from accounts.models.base import TenantModel, shared


class Ledger(TenantModel):
    """The head of one chain. Its id is the room's, or the organization's for the organization's own chain.

    `seq` counts events, `entry_seq` is the number of the last event that changed a timeline entry (what frames link).
    """

    seq = models.BigIntegerField(default=0)
    head = models.BinaryField(default=bytes(32))
    entry_seq = models.BigIntegerField(default=0)
    checked_seq = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    broken_at = models.BigIntegerField(null=True)
    broken_reason = models.CharField(max_length=200, blank=True)


class Event(TenantModel):
    """One logged action. The application's role may insert and read events, nothing else.

    Events come in only through `append_events`, which holds the ledger's row, so the database does not look twice
    whether ledger and organization exist.
    """

    ledger = shared(Ledger, models.PROTECT, related_name="events")
    organization = shared("accounts.Organization", models.PROTECT)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    on_behalf_of = models.CharField(max_length=80, null=True)
    kind = models.CharField(max_length=60)
    object = models.CharField(max_length=200, null=True)
    run = models.UUIDField(null=True)
    turn = models.UUIDField(null=True)
    decision = models.UUIDField(null=True)
    payload = models.JSONField(null=True)
    salt = models.BinaryField(null=True)
    payload_hash = models.BinaryField()
    prev = models.BinaryField()
    leaf = models.BinaryField()
    hash = models.BinaryField()
    created_at = None  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ledger", "seq"], name="one_event_per_number")]
        indexes: ClassVar = [
            models.Index(fields=["ledger", "kind", "seq"]),
            models.Index(fields=["ledger", "run", "seq"]),
        ]


class SigningKey(TenantModel):
    """An organization's Ed25519 key; the private half is encrypted with the installation's key."""

    public = models.BinaryField()
    private_sealed = models.BinaryField()
    key_id = models.CharField(max_length=32)
