"""The only doors to rows of a room: fetch or refuse."""

from typing import Any
from uuid import UUID

from accounts.authority.labels import Label, read_label
from accounts.clearances import is_admitted, limited_people, may_see
from accounts.errors import Conflict, Forbidden, NotFound
from accounts.labelling import labels_of
from accounts.models import User
from accounts.relations import permissions_of
from workrooms.models import Document, Message, PrivateAnswer, Workroom

CLEARANCE = "clearance of the person"
WRITES = frozenset({"post_message", "edit_document", "start_run", "edit_team", "decide_approval"})
MEANINGS = {
    "post_message": "write in the timeline",
    "edit_document": "add and change documents",
    "start_run": "start and stop runs",
    "edit_team": "edit and publish teams",
    "decide_approval": "decide approvals",
    "read_ledger": "read the ledger",
    "export_ledger": "export the ledger",
    "manage_room": "manage the room",
}


def as_uuid(value: object) -> UUID | None:
    """Return `value` as an id, or None when it is not one."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None


def access_workroom(actor: User | Any, room: Workroom | UUID | str, permission: str = "view") -> Workroom:
    """Return the room (instance, id or slug) if `actor` has `permission` there.

    Raises NotFound when it does not exist or `actor` may not see it, Forbidden when `actor` may see it but not do
    this, Conflict when it is archived and this would change it.
    """
    found = room if isinstance(room, Workroom) else _find(room)
    held = permissions_of(actor, found) if found is not None and isinstance(actor, User) else frozenset()
    missing = NotFound("There is no such workroom, or you are not a participant of it.")
    if found is None or "view" not in held:
        raise missing
    check_cleared(actor, found, f"workroom:{found.id}", missing)
    if permission not in held:
        raise Forbidden(f"Your relation to {found.name} does not let you {MEANINGS[permission]}.")
    if permission in WRITES and found.state == Workroom.State.ARCHIVED:
        raise Conflict(f"{found.name} is archived: it can be read, not changed. An owner can restore it.")
    return found


def _find(room: UUID | str) -> Workroom | None:
    rooms = Workroom.objects.select_related("organization")
    by_id = as_uuid(room)
    found: Workroom | None = rooms.filter(pk=by_id).first() if by_id else rooms.filter(slug=room).first()
    return found


def access_message(
    actor: User | Any, message: Message | UUID | str, permission: str = "view", room: Workroom | None = None
) -> Message:
    """Return the entry if `actor` has `permission` in its room (in `room`, when one is said)."""
    found = message if isinstance(message, Message) else _by_id(Message.objects.with_people(), message)
    missing = NotFound("There is no such message in a room of yours.")
    if found is None or (room is not None and found.workroom_id != room.id):
        raise missing
    access_workroom(actor, found.workroom, permission)
    check_cleared(actor, found.workroom, f"message:{found.id}", missing)
    return found


def access_document(
    actor: User | Any, document: Document | UUID | str, permission: str = "view", room: Workroom | None = None
) -> Document:
    """Return the document if `actor` has `permission` in its room (in `room`, when one is said)."""
    found = document if isinstance(document, Document) else _by_id(Document.objects.select_related("author"), document)
    missing = NotFound("There is no such document in a room of yours.")
    if found is None or (room is not None and found.workroom_id != room.id):
        raise missing
    access_workroom(actor, found.workroom, permission)
    check_cleared(actor, found.workroom, f"document:{found.id}", missing)
    return found


def access_admitted(actor: User, document: UUID | str) -> Document:
    """Return a document that `actor` was admitted to by itself, whatever room it is in. Raises NotFound."""
    found: Document | None = _by_id(Document.objects.select_related("author"), document)
    if found is None or not is_admitted(actor, f"document:{found.id}"):
        raise NotFound("There is no such document, or you were not given it.")
    return found


def access_answer(actor: User | Any, message: UUID | str, room: Workroom, share: bool = False) -> PrivateAnswer:
    """Return what a message of `room` says in private to whom it was given, and to deciders, if they are cleared.

    Raises NotFound, and Forbidden where `actor` may read it but not `share` it.
    """
    row = access_message(actor, message, room=room)
    answers = PrivateAnswer.objects.select_related("reader", "shared_by")
    found: PrivateAnswer | None = answers.filter(message=row).first()
    decides = "decide_approval" in permissions_of(actor, room)
    label = read_label(found.label) if found else None
    missing = NotFound("There is no private answer to you there.")
    if found is None or label is None:
        raise missing
    if not may_see(actor, room, label):
        missing.boundary = CLEARANCE
        raise missing
    if not (decides or found.reader == actor):
        raise missing
    if share and not decides:
        raise Forbidden(f"Your relation to {room.name} does not let you share this answer.")
    found.message = row
    return found


def is_cleared(actor: User, room: Workroom, object: str) -> bool:
    """True when `actor`, who is in `room`, may see what `object` (a ledger name) is labelled with."""
    if actor.pk not in limited_people(room):
        return True
    return may_see(actor, room, labels_of([object]).get(object, Label("public"))) or is_admitted(actor, object)


def check_cleared(actor: User | Any, room: Workroom, object: str, missing: NotFound) -> None:
    """Raise `missing`, with its boundary for the ledger, when `actor` may not see what `object` is labelled with."""
    if isinstance(actor, User) and not is_cleared(actor, room, object):
        missing.boundary = CLEARANCE
        raise missing


def _by_id(rows: Any, value: UUID | str) -> Any:
    identity = as_uuid(value)
    return rows.select_related("workroom__organization").filter(pk=identity).first() if identity else None
