"""What a room lets out, and what was kept back from a model."""

from typing import ClassVar

from django.db import models

from accounts.models.base import TenantModel


class Boundary(TenantModel):
    """The boundaries of one room.

    `hosts` are the only places its agents may reach outside ("pay.example", "pay.example:8443", "*.example"); null:
    any. `kinds` (of `accounts.authority.patterns`) and `shapes` ({name: "POL-######"}) are taken out of text before it
    goes to a model that is not cleared for it; text labelled up to `up_to` then counts as `level`, without `tags`.
    """

    room = models.UUIDField()
    hosts = models.JSONField(null=True)
    kinds = models.JSONField(default=list)
    shapes = models.JSONField(default=dict)
    up_to = models.CharField(max_length=20, blank=True)
    level = models.CharField(max_length=20, default="internal")
    tags = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "room"], name="one_boundary_per_room"),
        ]


class Withheld(TenantModel):
    """A value that a model was shown a placeholder for, in one whole run. The value is sealed JSON."""

    run = models.UUIDField()
    placeholder = models.CharField(max_length=80)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "placeholder"], name="one_value_per_placeholder"),
        ]
