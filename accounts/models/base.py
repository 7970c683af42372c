"""The shape every tenant row has."""

from typing import Any

import uuid_utils.compat as uuids
from django.db import models
from django_scopes import ScopedManager


class TenantModel(models.Model):
    """A row of one organization: UUIDv7 key, and a manager that raises when no organization is set."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: Any = ScopedManager(organization="organization")

    class Meta:
        abstract = True


def scoped(queryset: type[models.QuerySet[Any]]) -> Any:
    """Return a tenant manager whose query sets have the methods of `queryset`."""
    return ScopedManager(models.Manager.from_queryset(queryset), organization="organization")
