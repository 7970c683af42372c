"""Writing and catching up over HTTP."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clearances import unseen_by
from accounts.relations import permissions_of
from workrooms.actions.documents import add_document
from workrooms.actions.messages import delete_message, edit_message, post_message
from workrooms.entries import room_path
from workrooms.models import Correction, Message, Workroom
from workrooms.policies import access_message, access_workroom
from workrooms.shell import actor_of, room_page
from workrooms.uploads import checked_size
from workrooms.views.rooms import html_of, number_in

CATCH_UP_PAGE = 100


@require_http_methods(["GET", "POST"])
def messages(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """GET `?after=N`: the entries that changed since number N, in order of change. POST: write."""
    if request.method == "POST":
        return _post(request, access_workroom(request.user, room, "post_message"))
    found = access_workroom(request.user, room)
    rows = Message.objects.changed_after(found, number_in(request, "after") or 0)
    changed = list(rows.seen_with(unseen_by(actor_of(request), found))[: CATCH_UP_PAGE + 1])
    response = html_of(changed[:CATCH_UP_PAGE], room_path(found))
    if len(changed) > CATCH_UP_PAGE:
        response.headers["X-More"] = "1"
    return response


def _post(request: HttpRequest, room: Workroom) -> HttpResponse:
    actor, files = actor_of(request), request.FILES.getlist("files")
    if files:
        access_workroom(actor, room, "edit_document")
    thread = request.POST.get("thread")
    root = access_message(actor, thread, "post_message", room) if thread else None
    added = []
    for file in files:
        checked_size(file.size or 0, file.name or "")
        added.append(add_document(room, actor=actor, name=file.name or "", content=file.read()))
    about = {"documents": [{"id": str(document.id), "name": document.name} for document in added]} if added else None
    body = request.POST.get("body", "").strip() or ", ".join(f"Added {document.name}" for document in added)
    post_message(room, actor=actor, body=body, thread=root, about=about)
    if request.headers.get("Accept", "").startswith("text/html"):
        here = room_path(room)
        return redirect(f"{here}threads/{root.id}/" if root else here)
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, organization: str, room: str, message: Any) -> HttpResponse:
    """Show one's own words in a form; POST replaces them."""
    found = access_workroom(request.user, room, "post_message")
    row = access_message(request.user, message, "post_message", found)
    if request.method == "GET":
        return render(request, "workrooms/message/edit.html", room_page(request, found, "timeline", "Edit", row=row))
    edit_message(row, actor=actor_of(request), body=request.POST.get("body", ""))
    return _done(request, room_path(found))


@require_POST
def delete(request: HttpRequest, organization: str, room: str, message: Any) -> HttpResponse:
    """Leave a tombstone."""
    found = access_workroom(request.user, room, "post_message")
    row = access_message(request.user, message, "post_message", found)
    actor = actor_of(request)
    delete_message(row, actor=actor, manages="manage_room" in permissions_of(actor, found))
    return _done(request, room_path(found))


def _done(request: HttpRequest, here: str) -> HttpResponse:
    return redirect(here) if request.headers.get("Accept", "").startswith("text/html") else HttpResponse(status=204)


@require_GET
def history(request: HttpRequest, organization: str, room: str, message: Any) -> HttpResponse:
    """Show what a message said before its edits."""
    found = access_workroom(request.user, room)
    row = access_message(request.user, message, room=found)
    before = Correction.objects.filter(message=row).order_by("created_at")
    context = room_page(request, found, "timeline", "History", row=row, before=before)
    return render(request, "workrooms/message/history.html", context)
