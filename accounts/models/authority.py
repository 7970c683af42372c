"""What the authority keeps: keys of agents, labels of data, clearances of places it may flow to, rule sets in force.

Objects are known by their ledger name (`document:ID`, `source:ID`, `endpoint:SLUG`), rooms by their id.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.base import TenantModel


class AgentKey(TenantModel):
    """An Ed25519 key of one agent; the newest that was not revoked is in use. The private half is sealed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key_id = models.CharField(max_length=64, unique=True)
    public = models.BinaryField(max_length=32)
    private_sealed = models.BinaryField()
    revoked_at = models.DateTimeField(null=True)


class ObjectLabel(TenantModel):
    """The label of one object, as `accounts.authority.labels` reads it. A run's is the join of all it has read."""

    object = models.CharField(max_length=200)
    label = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "object"], name="one_label")]


class ObjectClearance(TenantModel):
    """What may flow to one place (an endpoint, a target): up to `level`; where it is and which agreements it has."""

    object = models.CharField(max_length=200)
    level = models.CharField(max_length=20, default="internal")
    places = models.JSONField(default=list)
    eligible = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "object"], name="one_clearance")]


class Lending(TenantModel):
    """A target that people lent by an approval: to one run, or with `run` null to its room until a time."""

    room = models.UUIDField()
    run = models.UUIDField(null=True)
    tool = models.CharField(max_length=80)
    slot = models.CharField(max_length=80)
    value = models.CharField(max_length=300)
    until = models.DateTimeField(null=True)
    approval = models.UUIDField()
    lent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["room", "tool"], name="lendings_of_room")]


class Admission(TenantModel):
    """One person may see one object (`document:ID`), whatever their rooms and clearance say, until a time if any."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "object"], name="admissions_of_person")]


class Delegation(TenantModel):
    """While `person` is away, from `since` until `until`, `deputy` decides what `person` could: in one room, or with
    `room` null in all that both are in."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    room = models.UUIDField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["deputy", "until"], condition=models.Q(revoked_at=None), name="delegations_of_deputy")
        ]


class Policy(TenantModel):
    """A rule set in force in one room, or with `room` null in all of the organization.

    `text` is Cedar; empty for a set that ships with the product, whose slug then is its name.
    """

    room = models.UUIDField(null=True)
    slug = models.SlugField(max_length=60)
    text = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "room", "slug"], name="one_policy_per_slug", nulls_distinct=False
            )
        ]
