"""Documents over the API."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import File, Header, Router
from ninja.files import UploadedFile

from accounts.api import caller
from accounts.bounds import current_bound, person_behind, writer
from accounts.clearances import unseen_by
from accounts.errors import Conflict, Invalid
from workrooms.actions.documents import add_document, add_revision, download_document, open_document
from workrooms.downloads import file_response
from workrooms.entries import user_json
from workrooms.models import Document, Revision
from workrooms.policies import access_document, access_workroom
from workrooms.uploads import checked_size

router = Router(tags=["documents"])


def document_json(document: Document) -> dict[str, Any]:
    """Return the document as programs see it."""
    return {
        "id": str(document.id),
        "name": document.name,
        "media_type": document.media_type,
        "revision": document.revision,
        "author": user_json(document.author),
        "run": str(document.run) if document.run else None,
        "created_at": document.created_at.isoformat(),
        "updated_at": document.updated_at.isoformat(),
    }


def revision_json(revision: Revision) -> dict[str, Any]:
    """Return a revision without its text."""
    return {
        "number": revision.number,
        "size": revision.size,
        "sha256": revision.sha256,
        "author": user_json(revision.author),
        "on_behalf_of": user_json(revision.on_behalf_of),
        "created_at": revision.created_at.isoformat(),
    }


@router.get("/workrooms/{room}/documents", summary="Documents of a room")
def index(request: HttpRequest, room: str, after: str = "", limit: int = 100) -> dict[str, Any]:
    """By name; `next` is the name of the last."""
    found = access_workroom(caller(request), room)
    rows = Document.objects.filter(workroom=found, name__gt=after).select_related("author").order_by("name")
    page = list(rows.exclude(pk__in=unseen_by(caller(request), found).ids("document"))[: min(max(limit, 1), 200) + 1])
    items = page[: min(max(limit, 1), 200)]
    following = items[-1].name if len(page) > len(items) else None
    return {"items": [document_json(row) for row in items], "next": following}


@router.post("/workrooms/{room}/documents", response={201: dict[str, Any]}, summary="Add a document")
def add(request: HttpRequest, room: str, file: File[UploadedFile]) -> tuple[int, dict[str, Any]]:
    """Multipart field `file`: PDF, CSV, JSON, Markdown or text, at most 50 MB, what its name says."""
    found = access_workroom(caller(request), room, "edit_document")
    actor = writer(caller(request))
    behind = person_behind(actor)
    document = add_document(found, actor=actor, name=file.name or "", content=_content(file), on_behalf_of=behind)
    return 201, document_json(document)


def _content(file: UploadedFile) -> bytes:
    checked_size(file.size or 0, file.name or "The file")
    return bytes(file.read())


@router.get("/workrooms/{room}/documents/{document}", summary="One document, its text and its revisions")
def show(request: HttpRequest, room: str, document: UUID, revision: int | None = None) -> dict[str, Any]:
    """Opening a document is logged."""
    found = access_workroom(caller(request), room)
    row = access_document(caller(request), document, room=found)
    opened = open_document(row, actor=caller(request), number=revision)
    rows = Revision.objects.filter(document=row).select_related("author", "on_behalf_of").defer("text")
    revisions = [revision_json(each) for each in rows.order_by("-number")]
    return {**document_json(row), "text": opened.text, "shown_revision": opened.number, "revisions": revisions}


@router.get("/workrooms/{room}/documents/{document}/content", summary="The bytes of a revision")
def content(request: HttpRequest, room: str, document: UUID, revision: int | None = None) -> FileResponse:
    """A download; it is logged."""
    row = access_document(caller(request), document, room=access_workroom(caller(request), room))
    return file_response(row, download_document(row, actor=caller(request), number=revision))


@router.post("/workrooms/{room}/documents/{document}/revisions", response={201: dict[str, Any]}, summary="Revise")
def revise(
    request: HttpRequest, room: str, document: UUID, file: File[UploadedFile], if_match: Header[str] = ""
) -> tuple[int, dict[str, Any]]:
    """`If-Match: "<revision>"` says what you began with; 409 carries `current`, `yours` and, for readers, `theirs`."""
    found = access_workroom(caller(request), room, "edit_document")
    row = access_document(caller(request), document, "edit_document", found)
    expected = if_match.strip().strip('"')
    if not expected.isdecimal():
        raise Invalid('Send If-Match: "<revision>".', [("If-Match", f"expected a number, found {if_match[:40]!r}")])
    actor = writer(caller(request))
    behind, number = person_behind(actor), int(expected[:9])
    try:
        revision = add_revision(row, actor=actor, content=_content(file), expected=number, on_behalf_of=behind)
    except Conflict as conflict:
        if (bound := current_bound()) and "documents.read" not in bound.verbs:
            conflict.extra.pop("theirs")
        raise
    return 201, revision_json(revision)
