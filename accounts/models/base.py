"""The shape every tenant row has."""

from typing import Any

import uuid_utils.compat as uuids
from django.db import models
from django_scopes import ScopedManager


def shared(to: Any, on_delete: Any, **options: Any) -> Any:
    """Return a reference to what all rows share and nobody ever deletes: the database neither checks nor indexes it."""
    options = {"related_name": "+", **options}
    return models.ForeignKey(to, on_delete=on_delete, db_constraint=False, db_index=False, **options)


class TenantModel(models.Model):
    """A row of one organization: UUIDv7 key, and a manager that raises when no organization is set."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: Any = ScopedManager(organization="organization")

    class Meta:
        abstract = True


class BusyTenantModel(TenantModel):
    """A row that is written with every turn.

    The database keeps no foreign key from it to what all rows share and nobody ever deletes: it would lock the row of
    the organization, room or person for each, and an index of them all would be of no use to anybody.
    """

    organization = shared("accounts.Organization", models.CASCADE)

    class Meta:
        abstract = True


def scoped(queryset: type[models.QuerySet[Any]]) -> Any:
    """Return a tenant manager whose query sets have the methods of `queryset`."""
    return ScopedManager(models.Manager.from_queryset(queryset), organization="organization")
