"""What people call the things that have labels and clearances, and what the ledger calls them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.clearances import unseen_by
from accounts.errors import NotFound
from accounts.labelling import labels_within
from accounts.models import User
from orchestration.models import Source
from workrooms.models import Document, Message, Workroom
from workrooms.policies import access_document, access_message, as_uuid

MISSING = "There is no such object in this room."


@dataclass(frozen=True, slots=True)
class Labelled:
    """Something in a room that has a label: as it is named in `object`, shown, and linked to beneath the room."""

    object: str
    name: str
    href: str
    label: dict[str, Any]


def object_named(actor: User, room: Workroom, named: str) -> str:
    """Return the ledger name of `workroom`, `document:ID or name`, `source:SLUG`, `source:SLUG/COLUMN` or `message:ID
    or number` in `room`. Raises NotFound."""
    kind, _, identity = named.strip().partition(":")
    if kind == "workroom" and not identity:
        return f"workroom:{room.id}"
    if kind == "document":
        known = as_uuid(identity) or _first(Document.objects.filter(workroom=room, name=identity))
        return f"document:{access_document(actor, str(known), room=room).id}"
    if kind == "message":
        number = identity.lstrip("#")
        by_number = Message.objects.filter(workroom=room, seq=int(number)) if number.isdecimal() else None
        known = _first(by_number) if by_number is not None and len(number) < 19 else as_uuid(identity)
        return f"message:{access_message(actor, str(known), room=room).id}"
    slug, slash, column = identity.partition("/")
    source = Source.objects.usable_in(room).filter(slug=slug).first() if kind == "source" else None
    if source is None:
        raise NotFound(MISSING)
    return f"source:{source.id}{slash}{column}"


def labelled_in(actor: User, room: Workroom) -> list[Labelled]:
    """Return everything in the room that was given a label of its own and that `actor` may see, the room first."""
    stored, unseen = labels_within(""), unseen_by(actor, room).objects
    documents = {f"document:{pk}": (name, f"docs/{pk}/") for pk, name in _rows(Document, room, "name", stored)}
    messages = {
        f"message:{pk}": (f"message #{seq}", f"threads/{pk}/") for pk, seq in _rows(Message, room, "seq", stored)
    }
    sources = {str(source.id): source.slug for source in Source.objects.usable_in(room)}
    found: list[Labelled] = []
    for object in sorted(stored.keys() - unseen):
        label = stored[object].as_json()
        kind, _, identity = object.partition(":")
        source, slash, column = identity.partition("/")
        if object == f"workroom:{room.id}":
            found.insert(0, Labelled("workroom", "the room", "", label))
        elif object in documents:
            found.append(Labelled(object, *documents[object], label))
        elif object in messages:
            found.append(Labelled(object, *messages[object], label))
        elif kind == "source" and source in sources:
            name = f"{sources[source]}{slash}{column}"
            found.append(Labelled(f"source:{name}", name, "", label))
    return found


def _rows(model: Any, room: Workroom, field: str, stored: Iterable[str]) -> Any:
    wanted = [name for name in stored if name.startswith(f"{model.__name__.lower()}:")]
    ids = [identity for name in wanted if (identity := as_uuid(name.partition(":")[2]))]
    return model.objects.filter(workroom=room, pk__in=ids).values_list("pk", field)


def _first(rows: Any) -> UUID | None:
    found: UUID | None = rows.values_list("pk", flat=True).first()
    return found
