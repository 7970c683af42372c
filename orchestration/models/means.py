"""What agents work with: model endpoints, sources queried in place, and the target of outward calls."""

from typing import ClassVar

from django.db import models

from accounts.models import TenantModel
from workrooms.models import Workroom


class Rated(TenantModel):
    """Something shared by all workers: asked at most `rate` times a second (null: as often as one likes), of which
    `burst` may come at once."""

    rate = models.FloatField(null=True)
    burst = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        abstract = True


class Endpoint(Rated):
    """One model served somewhere. Prices in micro-cents a million tokens; null is unknown, 0 must be said."""

    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, default="openai")
    url = models.URLField(max_length=300)
    model = models.CharField(max_length=120)
    key_sealed = models.BinaryField(null=True)
    price_in = models.PositiveBigIntegerField(null=True)
    price_out = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="one_endpoint_per_slug")]


class Source(Rated):
    """Data queried where it lies. `columns` is `{name: {"personal": bool}}`; personal ones must be granted by name."""

    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, default="files")
    location = models.CharField(max_length=500)
    format = models.CharField(max_length=20, default="csv")
    columns = models.JSONField(default=dict)
    workrooms = models.ManyToManyField(Workroom, through="SourceAccess", related_name="sources")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="one_source_per_slug")]


class SourceAccess(TenantModel):
    """A room in which a source may be used."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE)
    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "workroom"], name="one_access_per_room")]


class Target(Rated):
    """Where a room's `webhook.send` goes. Without one the tool is not offered."""

    workroom = models.OneToOneField(Workroom, on_delete=models.CASCADE, related_name="target")
    url = models.URLField(max_length=300)
