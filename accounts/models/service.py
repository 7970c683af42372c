"""Programs and agents of other systems, and what people let them do in their name."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.base import TenantModel


class Service(TenantModel):
    """A program or an agent of another system. It proves itself with an Ed25519 key of which we hold the public half.

    Its `id` is the name under which it signs; `user` is the actor that the ledger and the timeline show.
    """

    class Kind(models.TextChoices):
        PROGRAM = "program"
        AGENT = "agent"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="service")
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROGRAM)
    key_id = models.CharField(max_length=64)
    public = models.BinaryField(max_length=32)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="one_service_per_slug")]

    def __str__(self) -> str:
        return self.user.name


class Assertion(TenantModel):
    """An assertion that a service used, by the SHA-256 of its `jti`: while it would hold, a second use is refused."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "digest"], name="one_use_per_assertion")]


class Consent(TenantModel):
    """A person lets a service do `verbs` (of `accounts.bounds.VERBS`) in one room in their name, until a time."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="consents")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    room = models.UUIDField()
    verbs = models.JSONField()
    until = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "person", "room"],
                condition=models.Q(revoked_at=None),
                name="one_consent_that_stands",
            )
        ]

    @property
    def has_lapsed(self) -> bool:
        return bool(self.until <= timezone.now())
