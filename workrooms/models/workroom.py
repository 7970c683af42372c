"""A workroom, its participants, and the grants that hold their relations."""

from typing import Any, ClassVar

import uuid_utils.compat as uuids
from django.conf import settings
from django.db import models
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from accounts.models import TenantModel, scoped


class WorkroomQuerySet(models.QuerySet["Workroom"]):
    """Reads of rooms."""

    def of(self, user: Any) -> "WorkroomQuerySet":
        """Keep those that `user` is in now."""
        here = models.Q(until=None) | models.Q(until__gt=timezone.now()) | ~models.Q(afterwards="")
        return self.filter(pk__in=Participant.objects.filter(here, user=user).values("workroom"))


class Workroom(TenantModel):
    """A room where people and agents share documents and one timeline. Its ledger has the same id."""

    class State(models.TextChoices):
        ACTIVE = "active"
        ARCHIVED = "archived"

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    epoch = models.UUIDField(default=uuids.uuid7)
    runs_started = models.PositiveIntegerField(default=0)

    objects = scoped(WorkroomQuerySet)

    known_labels: dict[str, Any] | None = None

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="one_room_per_slug")]
        default_permissions = ()
        permissions: ClassVar = [
            ("view", "See the room"),
            ("post_message", "Write in the timeline"),
            ("edit_document", "Add and change documents"),
            ("start_run", "Start and stop runs"),
            ("edit_team", "Edit and publish teams"),
            ("decide_approval", "Decide approvals"),
            ("read_ledger", "Read the ledger"),
            ("export_ledger", "Export the ledger"),
            ("manage_room", "Manage the room and its participants"),
        ]

    def __str__(self) -> str:
        return self.name


class Participant(TenantModel):
    """A person or an agent in a room, with a relation: for good, or until a time, and `afterwards` another ("": out of
    the room). The permissions end at that time by themselves; the row is put right soon after."""

    class Relation(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"
        APPROVER = "approver"
        AUDITOR = "auditor"
        VIEWER = "viewer"
        AGENT = "agent"

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations")
    relation = models.CharField(max_length=10, choices=Relation)
    until = models.DateTimeField(null=True)
    afterwards = models.CharField(max_length=10, choices=Relation, blank=True, default="")

    @property
    def relation_now(self) -> str:
        """The relation at this moment; "" once it ran out and none follows."""
        return self.relation if self.until is None or self.until > timezone.now() else self.afterwards

    @property
    def relations_now(self) -> frozenset[str]:
        """All that they are at this moment: what is lent takes nothing of what they are for good."""
        return frozenset({self.relation_now, self.afterwards} - {""})

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workroom", "user"], name="one_relation_per_room")]


class WorkroomGrant(UserObjectPermissionBase):
    """One permission of one user to one room (guardian's row, with its tenant and its end)."""

    content_object = models.ForeignKey(Workroom, on_delete=models.CASCADE)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField(null=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.organization_id = self.content_object.organization_id
        super().save(*args, **kwargs)
