"""Pages of rooms."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clearances import unseen_by
from accounts.errors import Invalid, Problem
from workrooms.actions.messages import mark_mentions_read
from workrooms.actions.rooms import archive_workroom, create_workroom, rename_workroom, restore_workroom
from workrooms.entries import outer_html, room_path
from workrooms.models import Message, Workroom
from workrooms.policies import access_message, access_workroom
from workrooms.shell import actor_of, organization_of, page, room_page
from workrooms.timeline import last_page, shown


@require_GET
def index(request: HttpRequest, organization: str) -> HttpResponse:
    """Show the rooms the viewer is in."""
    rooms = Workroom.objects.of(actor_of(request)).order_by("state", "name")
    listed = [{"room": room, "path": f"/o/{organization}/r/{room.slug}/"} for room in rooms]
    return render(request, "workrooms/room/index.html", page(request, "rooms", rooms=listed))


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, organization: str) -> HttpResponse:
    """Ask for a room's name, and open it."""
    context: dict[str, Any] = {}
    if request.method == "POST":
        name, purpose = request.POST.get("name", ""), request.POST.get("purpose", "")
        try:
            room = create_workroom(organization_of(request), actor=actor_of(request), name=name, purpose=purpose)
        except Problem as problem:
            context = {"problem": problem, "name": name, "purpose": purpose}
        else:
            return redirect(room_path(room))
    status = context["problem"].status if context else 200
    return render(request, "workrooms/room/new.html", page(request, "rooms", **context), status=status)


@require_GET
def show(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show the room: its timeline, and panes beside it."""
    found = access_workroom(request.user, room)
    context = room_page(request, found, "timeline")
    before = number_in(request, "before")
    messages, older = last_page(found, before, unseen_by(actor_of(request), found))
    ledger = context["shell"]["ledger"]
    if context["shell"]["mentions"]:
        mark_mentions_read(found, actor=actor_of(request))
    context |= {
        "entries": shown(messages, ledger),
        "older": f"{context['here']}?before={older}" if older else "",
        "newer": context["here"] if before else "",
        "ledger": ledger,
        "seen": ledger.entry_seq,
    }
    return render(request, "workrooms/room/show.html", context)


@require_GET
def thread(request: HttpRequest, organization: str, room: str, message: Any) -> HttpResponse:
    """Show an entry and its replies."""
    found = access_workroom(request.user, room)
    root = access_message(request.user, message, room=found)
    root = root.thread or root
    seen = Message.objects.seen_with(unseen_by(actor_of(request), found))
    replies = seen.filter(thread=root).with_people().order_by("seq")
    context = room_page(request, found, "timeline", "Thread", root=root, replies=replies)
    context |= {"ledger": context["shell"]["ledger"], "seen": context["shell"]["ledger"].entry_seq}
    return render(request, "workrooms/room/thread.html", context)


@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Change a room's name and purpose."""
    found = access_workroom(request.user, room, "manage_room" if request.method == "POST" else "view")
    if request.method == "POST":
        rename_workroom(
            found, actor=actor_of(request), name=request.POST.get("name", ""), purpose=request.POST.get("purpose", "")
        )
        return redirect(request.path)
    return render(request, "workrooms/room/details.html", room_page(request, found, "details", "Details"))


@require_POST
def archive(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Make the room read-only."""
    archive_workroom(access_workroom(request.user, room, "manage_room"), actor=actor_of(request))
    return redirect(f"/o/{organization}/r/{room}/")


@require_POST
def restore(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Open an archived room again."""
    restore_workroom(access_workroom(request.user, room, "manage_room"), actor=actor_of(request))
    return redirect(f"/o/{organization}/r/{room}/")


def number_in(request: HttpRequest, name: str) -> int | None:
    """Return the query parameter `name` as a number of the ledger, None when absent. Raises Invalid."""
    given = request.GET.get(name)
    if not given:
        return None
    if not given.isdecimal() or len(given) > 18:
        raise Invalid(f"{name} must be a number.", [(name, f"expected a whole number, found {given[:40]!r}")])
    return int(given)


def html_of(messages: list[Message], here: str) -> HttpResponse:
    """Answer with the elements of `messages`, the same bytes as the page's and the frames'."""
    return HttpResponse("\n".join(outer_html(message, here) for message in messages))
