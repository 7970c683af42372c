"""Handing out files: as attachments, and nothing in them may act on our pages."""

from django.http import FileResponse

from workrooms.models import Document, Revision
from workrooms.uploads import PDF


def file_response(document: Document, revision: Revision) -> FileResponse:
    """Answer with the bytes of `revision`."""
    kind = document.media_type if document.media_type == PDF else f"{document.media_type}; charset=utf-8"
    file = revision.file.open("rb")
    response = FileResponse(file, as_attachment=True, filename=document.name, content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["ETag"] = f'"{revision.number}"'
    return response
