"""What stands around every page: rooms, people, mentions, how far the ledger is checked."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest

from accounts.models import Ledger, Organization, User
from accounts.relations import permissions_of
from workrooms.entries import room_path
from workrooms.models import Participant, Workroom


class LedgerStanding(NamedTuple):
    """How far a room's ledger goes and is checked; `entry_seq` is the last change of its timeline."""

    seq: int
    checked_seq: int
    checked_at: datetime | None
    broken_at: int | None
    entry_seq: int


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
    request.room, request.organization = room, room.organization  # type: ignore[attr-defined]
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
    actor = actor_of(request)
    room: Workroom | None = getattr(request, "room", None)
    inside = Participant.objects.filter(workroom=room).select_related("user__agent").order_by("user__name")
    participants = list(inside) if room else []
    rooms = _rooms(actor)
    return {
        "rooms": [_listed(each, request, room) for each in rooms if each.state == Workroom.State.ACTIVE],
        "mentions": sum(each.mentions for each in rooms),
        "may_create": True,
        "people": [each for each in participants if not each.user.is_agent],
        "agents": [each.user for each in participants if each.user.is_agent],
        "ledger": next((_standing(each) for each in rooms if each == room), None),
    }


def _rooms(actor: User) -> list[Any]:
    """Return the rooms of `actor` with unread mentions and the standing of their ledgers, in one query."""
    unread = Count("messages__mention", filter=Q(messages__mention__user=actor, messages__mention__read_at=None))
    of_room = Ledger.objects.filter(pk=OuterRef("pk"))
    ledger = {f"ledger_{name}": Subquery(of_room.values(name)) for name in LedgerStanding._fields}
    return list(Workroom.objects.of(actor).annotate(mentions=unread, **ledger).order_by("name"))


def _standing(room: Any) -> LedgerStanding:
    return LedgerStanding(*(getattr(room, f"ledger_{name}") for name in LedgerStanding._fields))


def _listed(room: Any, request: HttpRequest, current: Workroom | None) -> dict[str, Any]:
    path = f"/o/{organization_of(request).slug}/r/{room.slug}/"
    return {"name": room.name, "path": path, "current": room == current, "unread": room.mentions}
