"""Messages over the API."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from accounts.bounds import writer
from accounts.clearances import unseen_by
from accounts.relations import permissions_of
from workrooms.actions.messages import delete_message, edit_message, post_message
from workrooms.entries import entry_json
from workrooms.models import Message
from workrooms.policies import access_message, access_workroom

router = Router(tags=["messages"])
Number = Annotated[int, Field(ge=0)]
Limit = Annotated[int, Field(ge=1, le=200)]


class NewMessage(Schema):
    """Markdown, and the thread it answers in."""

    body: str
    thread: UUID | None = None


class Words(Schema):
    """Markdown."""

    body: str


@router.get("/workrooms/{room}/messages", summary="Entries in the order of their last change")
def index(request: HttpRequest, room: str, after: Number = 0, limit: Limit = 50) -> Any:
    """`after` is a ledger number: what changed since. Edits, deletions, new states come again under a new number."""
    found = access_workroom(caller(request), room)
    unseen = unseen_by(caller(request), found)
    rows = list(Message.objects.changed_after(found, after).seen_with(unseen)[: limit + 1])
    items = [entry_json(row) for row in rows[:limit]]
    return {"items": items, "next": str(rows[limit - 1].changed_seq) if len(rows) > limit else None}


@router.post("/workrooms/{room}/messages", response={201: dict[str, Any]}, summary="Write in a room")
def post(request: HttpRequest, room: str, payload: NewMessage) -> tuple[int, dict[str, Any]]:
    """A person's mention of a team starts a run, a service's does not. The entry's number follows over the socket and
    in the list."""
    found = access_workroom(caller(request), room, "post_message")
    root = access_message(caller(request), payload.thread, "post_message", found) if payload.thread else None
    return 201, entry_json(post_message(found, actor=writer(caller(request)), body=payload.body, thread=root))


@router.patch("/workrooms/{room}/messages/{message}", summary="Change one's own words")
def edit(request: HttpRequest, room: str, message: UUID, payload: Words) -> dict[str, Any]:
    """What was said before stays in the history."""
    found = access_workroom(caller(request), room, "post_message")
    row = access_message(caller(request), message, "post_message", found)
    return entry_json(edit_message(row, actor=caller(request), body=payload.body))


@router.delete("/workrooms/{room}/messages/{message}", response={204: None}, summary="Delete a message")
def delete(request: HttpRequest, room: str, message: UUID) -> tuple[int, None]:
    """One's own, or anyone's for owners of the room; a tombstone stays."""
    found = access_workroom(caller(request), room, "post_message")
    row = access_message(caller(request), message, "post_message", found)
    delete_message(row, actor=caller(request), manages="manage_room" in permissions_of(caller(request), found))
    return 204, None
