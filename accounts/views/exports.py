"""Downloads that anyone needs to verify a ledger: the export, the verifier, the public key."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.actions.exports import Export, chunks
from accounts.ledger import verify
from accounts.ledger.signing import public_pem
from accounts.models import SigningKey

MEDIA_TYPES = {
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "ocsf": "application/x-ndjson",
}


def export_response(request: HttpRequest, exported: Export) -> StreamingHttpResponse:
    """Stream `exported` as a download, without ever holding all of it."""
    pieces = _asynchronously(exported) if isinstance(request, ASGIRequest) else chunks(exported)
    response = StreamingHttpResponse(pieces, content_type=MEDIA_TYPES[exported.form])
    name = f"{exported.room or 'organization'}-audit-{exported.last}.{exported.form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _asynchronously(exported: Export) -> AsyncIterator[bytes]:
    pieces = chunks(exported)
    while (piece := await sync_to_async(lambda: next(pieces, None))()) is not None:
        yield piece


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The program that checks an export offline."""
    headers = {"Content-Disposition": 'attachment; filename="verify.py"'}
    return HttpResponse(verify.program(), content_type="text/x-python; charset=utf-8", headers=headers)


@require_safe
def public_key(request: HttpRequest, organization: str) -> HttpResponse:
    """The organization's public key in PEM."""
    key = SigningKey.objects.latest("created_at")
    headers = {"Content-Disposition": f'attachment; filename="{organization}.pem"'}
    return HttpResponse(public_pem(bytes(key.public)), content_type="application/x-pem-file", headers=headers)
