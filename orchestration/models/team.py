"""Teams, their versions, and the agents that published versions bring into a room."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import TenantModel
from workrooms.models import Workroom


class Agent(TenantModel):
    """An agent of a room: a user of kind agent, under the name its team gives it."""

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="agents")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agent")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=200, blank=True)
    brain = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workroom", "name"], name="one_agent_per_name")]


class Team(TenantModel):
    """Agents, pattern, contracts, limits and exceptions, written as YAML: a draft, and the version in force."""

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="teams")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    draft = models.TextField()
    published = models.ForeignKey("TeamVersion", on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workroom", "slug"], name="one_team_per_slug")]

    def __str__(self) -> str:
        return self.name


class TeamVersion(TenantModel):
    """A published state of a team; runs and approvals keep the version they began with.

    A provisional one was never published: it is what one run was begun with (a changed member, a draft on trial), has
    the number of the version it began from (0 for none), and is on no list.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    definition = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    provisional = models.BooleanField(default=False, db_default=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "number"], condition=models.Q(provisional=False), name="one_version_per_number"
            )
        ]
