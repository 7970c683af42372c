"""What stands around every page: rooms, people, mentions, how far the ledger is checked."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Ledger, Organization, User
from accounts.relations import permissions_of
from workrooms.entries import room_path
from workrooms.models import Mention, Participant, Workroom


def actor_of(request: HttpRequest) -> User:
    """Return who asks; views behind the organization's door always have one."""
    assert isinstance(request.user, User)
    return request.user


def organization_of(request: HttpRequest) -> Organization:
    """Return the organization whose unit of work the request runs in."""
    organization = request.organization  # type: ignore[attr-defined]
    assert isinstance(organization, Organization)
    return organization


def page(request: HttpRequest, section: str, **more: Any) -> dict[str, Any]:
    """Return the context of a page of the organization, outside any room."""
    return {"here": "", "section": section, "permissions": (), "shell": shell_of(request), **more}


def room_page(request: HttpRequest, room: Workroom, section: str, title: str = "", **more: Any) -> dict[str, Any]:
    """Return the context of a page of `room`; `title` is the page's name on a phone."""
    request.room = room  # type: ignore[attr-defined]
    return {
        "room": room,
        "here": room_path(room),
        "section": section,
        "page": title,
        "permissions": sorted(permissions_of(actor_of(request), room)),
        "shell": shell_of(request),
        **more,
    }


def shell_of(request: HttpRequest) -> dict[str, Any]:
    """Return what stands around the page: of the organization, and of the room the request is about, if any."""
    actor, organization = actor_of(request), organization_of(request)
    room: Workroom | None = getattr(request, "room", None)
    rooms = Workroom.objects.filter(participants__user=actor, state=Workroom.State.ACTIVE).order_by("name")
    inside = Participant.objects.filter(workroom=room).select_related("user__agent").order_by("user__name")
    participants = list(inside) if room else []
    return {
        "rooms": [
            {"name": each.name, "path": f"/o/{organization.slug}/r/{each.slug}/", "current": each == room}
            for each in rooms
        ],
        "mentions": Mention.objects.filter(user=actor, read_at=None).count(),
        "may_create": True,
        "people": [each for each in participants if not each.user.is_agent],
        "agents": [each.user for each in participants if each.user.is_agent],
        "ledger": Ledger.objects.filter(pk=room.id).first() if room else None,
    }
