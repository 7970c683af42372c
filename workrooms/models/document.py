"""Documents and their revisions."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from accounts.models import TenantModel
from workrooms.models.workroom import Workroom


def revision_path(revision: "Revision", filename: str) -> str:
    """Files lie under their organization and document, named by revision, never by what the uploader called them."""
    return f"{revision.organization_id}/{revision.document_id}/{revision.number}"


class Document(TenantModel):
    """A named document of a room; `revision` is the number of the current one."""

    workroom = models.ForeignKey(Workroom, on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    revision = models.PositiveIntegerField(default=0)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    run = models.UUIDField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workroom", "name"], name="one_document_per_name")]

    def __str__(self) -> str:
        return self.name


class Revision(TenantModel):
    """One stored state of a document: the bytes, and the text extracted from them."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=revision_path, max_length=200)
    text = models.TextField(blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "number"], name="one_revision_per_number")]
        indexes: ClassVar = [GinIndex(SearchVector("text", config="english"), name="document_words")]
