"""Answers that not everybody in a room may see."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import TenantModel
from workrooms.models.message import Message


class PrivateAnswer(TenantModel):
    """What a message says to those who are cleared for its `label`; everybody else reads the message as it stands.

    It was asked for by `reader`. Sharing it puts its words into the message.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="private")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    label = models.JSONField()
    body = models.TextField()
    html = models.TextField()
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
