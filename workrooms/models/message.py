"""Timeline entries."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from accounts.clearances import Unseen
from accounts.models import BusyTenantModel, TenantModel, scoped, shared
from workrooms.models.workroom import Workroom


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of the timeline."""

    def with_people(self) -> "MessageQuerySet":
        return self.select_related("author", "on_behalf_of")

    def seen_with(self, unseen: Unseen) -> "MessageQuerySet":
        """Without the messages, and the entries of runs, that a reader may not see."""
        if not unseen.objects:
            return self
        told = ("run", "approval", "receipt")
        return self.exclude(pk__in=unseen.ids("message")).exclude(kind__in=told, run__in=unseen.ids("run"))

    def timeline(self, room: Workroom) -> "MessageQuerySet":
        """The room's own entries, without threads, newest first."""
        return self.filter(workroom=room, thread=None).with_people().order_by("-seq")

    def changed_after(self, room: Workroom, number: int) -> "MessageQuerySet":
        """All entries, threads included, whose last change has a number above `number`, in the order of change."""
        return self.filter(workroom=room, changed_seq__gt=number).with_people().order_by("changed_seq")


class Message(BusyTenantModel):
    """One entry. `html` is rendered and sanitised when written; `seq`, `changed_seq`, `previous` are ledger numbers."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        RUN = "run"
        APPROVAL = "approval"
        RECEIPT = "receipt"

    class State(models.TextChoices):
        SENT = "sent"
        EDITED = "edited"
        DELETED = "deleted"

    workroom = shared(Workroom, models.CASCADE, related_name="messages")
    thread = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    author = shared(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    on_behalf_of = shared(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MESSAGE)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    brain = models.CharField(max_length=120, blank=True)
    reply_count = models.PositiveIntegerField(default=0)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Mention", related_name="+")
    run = models.UUIDField(null=True, db_index=True)
    turn = models.UUIDField(null=True)
    about = models.JSONField(default=dict)
    seq = models.BigIntegerField(default=0)
    changed_seq = models.BigIntegerField(default=0)
    previous = models.BigIntegerField(default=0)
    edited_at = models.DateTimeField(null=True)

    objects: Any = scoped(MessageQuerySet)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workroom", "thread", "-seq"]),
            models.Index(fields=["workroom", "changed_seq"]),
            GinIndex(SearchVector("body", config="english"), name="message_words"),
        ]

    def numbered(self) -> None:
        """Store the ledger numbers given at the end of the unit of work."""
        self.save(update_fields=["seq", "changed_seq", "previous"])


class Mention(TenantModel):
    """A person or agent named in a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True)


class Correction(TenantModel):
    """What a message said before an edit."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="corrections")
    body = models.TextField()
