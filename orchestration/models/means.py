"""What agents work with: model endpoints, sources queried in place, and the target of outward calls."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import TenantModel, scoped
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


class Sources(models.QuerySet["Source"]):
    """Reads of sources."""

    def usable_in(self, room: Any) -> "Sources":
        """Keep those that may be used in `room` now."""
        now = Q(until=None) | Q(until__gt=timezone.now())
        return self.filter(pk__in=SourceAccess.objects.filter(now, workroom=room).values("source"))


class Source(Rated):
    """Data queried where it lies. `columns` is `{name: {"personal": bool}}`; personal ones must be granted by name."""

    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, default="files")
    location = models.CharField(max_length=500)
    format = models.CharField(max_length=20, default="csv")
    columns = models.JSONField(default=dict)
    workrooms = models.ManyToManyField(Workroom, through="SourceAccess", related_name="sources")

    objects = scoped(Sources)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "slug"], name="one_source_per_slug")]


class SourceAccess(TenantModel):
    """A room in which a source may be used, for good or until a time."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE)
    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "workroom"], name="one_access_per_room")]


class Target(Rated):
    """Where a room's `webhook.send` goes. Without one the tool is not offered."""

    workroom = models.OneToOneField(Workroom, on_delete=models.CASCADE, related_name="target")
    url = models.URLField(max_length=300)
