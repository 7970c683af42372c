"""Who belongs to which organization, and by what credential programs act."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.base import TenantModel


class Membership(TenantModel):
    """A user belongs to an organization; owners administer it."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership")]


class Token(TenantModel):
    """A bearer token of one person in one organization; only its SHA-256 is stored.

    `verbs` narrows it to what `accounts.bounds.VERBS` name, None leaves it all that the person may do. One with a
    `consent` was issued to a service, which acts with it in the person's name.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    verbs = models.JSONField(null=True)
    consent = models.ForeignKey("accounts.Consent", on_delete=models.CASCADE, null=True, related_name="tokens")
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(consent=None) | models.Q(verbs__isnull=False), name="a_service_is_narrowed"
            )
        ]


class IdempotencyKey(TenantModel):
    """The first answer to a POST, given again to its repetitions."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    content_type = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user", "key"], name="one_answer_per_idempotency_key")
        ]
