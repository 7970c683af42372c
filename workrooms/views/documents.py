"""Pages of documents."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clearances import unseen_by
from accounts.errors import Conflict, Invalid, Problem
from accounts.labelling import labels_of
from workrooms.actions.documents import add_document, add_revision, download_document, open_document, revision_of
from workrooms.downloads import file_response
from workrooms.entries import room_path
from workrooms.models import Document, Revision, Workroom
from workrooms.policies import access_document, access_workroom
from workrooms.previews import differences, preview
from workrooms.shell import actor_of, room_page
from workrooms.uploads import checked_size
from workrooms.views.rooms import number_in


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """List the room's documents; POST adds the files sent."""
    found = access_workroom(request.user, room, "edit_document" if request.method == "POST" else "view")
    if request.method == "GET":
        return _list(request, found)
    files = request.FILES.getlist("files")
    if not files:
        return _list(request, found, Invalid("No file was sent.", [("files", "choose at least one file")]))
    actor = actor_of(request)
    added = [add_document(found, actor=actor, name=file.name or "", content=content_of(file)) for file in files]
    here = f"{room_path(found)}docs/"
    return redirect(f"{here}{added[0].id}/" if len(added) == 1 else here)


def _list(request: HttpRequest, room: Workroom, problem: Problem | None = None) -> HttpResponse:
    unseen = unseen_by(actor_of(request), room).ids("document")
    rows = Document.objects.filter(workroom=room).exclude(pk__in=unseen).select_related("author")
    documents = rows.order_by("-updated_at")[:500]
    context = room_page(request, room, "docs", "Documents", documents=documents, problem=problem)
    return render(request, "workrooms/document/index.html", context, status=problem.status if problem else 200)


def content_of(file: "UploadedFile[Any]") -> bytes:
    """Return the bytes of an upload that is not too large. Raises TooLarge, Invalid."""
    checked_size(file.size or 0, file.name or "The file")
    return bytes(file.read())


@require_GET
def show(request: HttpRequest, organization: str, room: str, document: Any) -> HttpResponse:
    """Show a document: a preview of one revision, and all revisions."""
    found = access_workroom(request.user, room)
    row = access_document(request.user, document, room=found)
    revision = open_document(row, actor=actor_of(request), number=number_in(request, "revision"))
    context = room_page(request, found, "docs", row.name, document=row, revision=revision)
    context |= {"preview": preview(row, revision), "revisions": _revisions(row), "label": shown_label(row)}
    return render(request, "workrooms/document/show.html", context)


def shown_label(document: Document) -> dict[str, Any] | None:
    """Return the label that a document has of its own, as its badge shows it."""
    name = f"document:{document.id}"
    found = labels_of([name]).get(name)
    return found.as_json() if found else None


def _revisions(document: Document) -> list[Revision]:
    rows = Revision.objects.filter(document=document).select_related("author", "on_behalf_of").defer("text")
    return list(rows.order_by("-number"))


@require_GET
def content(request: HttpRequest, organization: str, room: str, document: Any) -> FileResponse:
    """Hand out a revision's bytes as a download."""
    row = access_document(request.user, document, room=access_workroom(request.user, room))
    revision = download_document(row, actor=actor_of(request), number=number_in(request, "revision"))
    return file_response(row, revision)


@require_POST
def revise(request: HttpRequest, organization: str, room: str, document: Any) -> HttpResponse:
    """Add a revision: a file, or the text of the editor. A conflict shows both texts and loses nothing."""
    found = access_workroom(request.user, room, "edit_document")
    row = access_document(request.user, document, "edit_document", found)
    file, text = request.FILES.get("file"), request.POST.get("text", "")
    given = content_of(file) if isinstance(file, UploadedFile) else text.encode("utf-8", "surrogatepass")
    expected = request.POST.get("expected", "")
    try:
        add_revision(row, actor=actor_of(request), content=given, expected=int(expected or 0))
    except Conflict as conflict:
        rows = differences(conflict.extra["theirs"], conflict.extra["yours"])
        context = room_page(request, found, "docs", row.name, document=row, conflict=conflict, rows=rows)
        return render(request, "workrooms/document/conflict.html", context, status=409)
    except ValueError:
        raise Invalid("The revision you began with is not said.", [("expected", "expected a number")]) from None
    return redirect(f"{room_path(found)}docs/{row.id}/")


@require_GET
def edit(request: HttpRequest, organization: str, room: str, document: Any) -> HttpResponse:
    """Show the text of a document in an editor."""
    found = access_workroom(request.user, room, "edit_document")
    row = access_document(request.user, document, "edit_document", found)
    context = room_page(request, found, "docs", row.name, document=row, revision=revision_of(row))
    return render(request, "workrooms/document/edit.html", context)


@require_GET
def compare(request: HttpRequest, organization: str, room: str, document: Any) -> HttpResponse:
    """Show what changed between two revisions (`?from=` and `?to=`)."""
    found = access_workroom(request.user, room)
    row = access_document(request.user, document, room=found)
    newer = revision_of(row, number_in(request, "to"))
    older = revision_of(row, number_in(request, "from") or max(1, newer.number - 1))
    context = room_page(request, found, "docs", row.name, document=row, older=older, newer=newer)
    context |= {"rows": differences(older.text, newer.text), "revisions": _revisions(row)}
    return render(request, "workrooms/document/compare.html", context)
