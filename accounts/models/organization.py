"""Organizations, the tenants of an installation."""

import uuid_utils.compat as uuids
from django.db import models


class Organization(models.Model):
    """A tenant. Row-level security shows a connection only the organization it has set."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
