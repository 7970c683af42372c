"""Rooms over the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller, organization_of
from accounts.relations import permissions_of
from workrooms.actions.rooms import archive_workroom, create_workroom, rename_workroom, restore_workroom
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.search import question, search

router = Router(tags=["workrooms"])


class NewRoom(Schema):
    """A room to open; the address is made from the name when it is not said."""

    name: str
    slug: str = ""
    purpose: str = Field("", max_length=300)


class RoomChange(Schema):
    """What changes; the rest stays."""

    name: str | None = None
    purpose: str | None = Field(None, max_length=300)


def room_json(room: Workroom, request: HttpRequest) -> dict[str, Any]:
    """Return the room as programs see it, with what the caller may do."""
    return {
        "id": str(room.id),
        "slug": room.slug,
        "name": room.name,
        "purpose": room.purpose,
        "state": room.state,
        "created_at": room.created_at.isoformat(),
        "permissions": sorted(permissions_of(caller(request), room)),
    }


@router.get("/workrooms", summary="The caller's rooms")
def index(request: HttpRequest, state: str | None = None) -> dict[str, Any]:
    """All of them, by name; `state` is active or archived."""
    rooms = Workroom.objects.of(caller(request)).order_by("name", "id")
    chosen = rooms.filter(state=state) if state else rooms
    return {"items": [room_json(room, request) for room in chosen], "next": None}


@router.post("/workrooms", response={201: dict[str, Any]}, summary="Open a room")
def create(request: HttpRequest, payload: NewRoom) -> tuple[int, dict[str, Any]]:
    """The caller becomes its owner."""
    room = create_workroom(organization_of(request), actor=caller(request), **payload.dict())
    return 201, room_json(room, request)


@router.get("/workrooms/{room}", summary="One room")
def show(request: HttpRequest, room: str) -> dict[str, Any]:
    """`room` is an id or slug."""
    return room_json(access_workroom(caller(request), room), request)


@router.patch("/workrooms/{room}", summary="Rename a room or change its purpose")
def change(request: HttpRequest, room: str, payload: RoomChange) -> dict[str, Any]:
    """Owners of the room. The slug stays."""
    found = access_workroom(caller(request), room, "manage_room")
    name = found.name if payload.name is None else payload.name
    return room_json(rename_workroom(found, actor=caller(request), name=name, purpose=payload.purpose), request)


@router.post("/workrooms/{room}/archive", summary="Make a room read-only")
def archive(request: HttpRequest, room: str) -> dict[str, Any]:
    """Owners of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    return room_json(archive_workroom(found, actor=caller(request)), request)


@router.post("/workrooms/{room}/restore", summary="Open an archived room again")
def restore(request: HttpRequest, room: str) -> dict[str, Any]:
    """Owners of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    return room_json(restore_workroom(found, actor=caller(request)), request)


@router.get("/workrooms/{room}/search", summary="Messages and documents of a room")
def find(request: HttpRequest, room: str, q: str) -> dict[str, Any]:
    """`q` are words, and `from:`, `has:`, `before:`."""
    hits = search(question(q), caller(request), access_workroom(caller(request), room))
    items = [
        {"kind": hit.kind, "title": hit.title, "context": hit.context, "href": hit.href, "seq": hit.seq, **hit.fields}
        for hit in hits
    ]
    return {"items": items, "next": None}
