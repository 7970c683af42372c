"""What a person asks for, found or not: what they may not know of looks to them like what is not there."""

from dataclasses import dataclass

from accounts.clearances import is_admitted
from accounts.errors import Conflict, Invalid, NotFound
from accounts.models import User
from accounts.relations import PEOPLE_RELATIONS
from orchestration.models import AccessRequest, Source, SourceAccess
from workrooms.actions.lending import holds_less
from workrooms.models import Document, Participant, Workroom
from workrooms.policies import access_document, access_workroom, as_uuid

KINDS = AccessRequest.Kind
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Given:
    """What is asked for, as it was written: `room` is an id or slug; `relation`, `document` (an id) or `source` (a
    slug) belong to the kind."""

    kind: str
    room: str
    relation: str = ""
    document: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was found by it. `named` says what was asked for, `hidden` that the person may not know whether it exists;
    without `room` there is nothing, with no `object` there is no such source."""

    named: str
    room: Workroom | None
    object: str
    hidden: bool


def find_wanted(actor: User, given: Given) -> Wanted:
    """Return what `actor` asks for. Raises Invalid, and Conflict for what they can see that they have already."""
    if given.kind not in KINDS.values:
        raise Invalid(f"Nobody can ask for {given.kind!r}.", [("kind", f"expected {', '.join(KINDS.values)}")])
    if not given.room or len(given.room) > LONGEST_NAME:
        raise Invalid("Say in which room.", [("room", "expected the id or short name of a room")])
    find = {KINDS.RELATION: _relation, KINDS.DOCUMENT: _document, KINDS.SOURCE: _source}
    return find[KINDS(given.kind)](actor, given)


def _relation(actor: User, given: Given) -> Wanted:
    if given.relation not in PEOPLE_RELATIONS:
        expected = f"expected {', '.join(PEOPLE_RELATIONS)}"
        raise Invalid(f"{given.relation!r} is no relation.", [("relation", expected)])
    room, seen = _room(actor, given.room)
    named = f"{given.relation} of the room {given.room}"
    if room is None or not seen:
        return Wanted(named, room, f"workroom:{room.id}" if room else "", hidden=True)
    row = Participant.objects.filter(workroom=room, user=actor).first()
    if row is not None and not holds_less(row, given.relation):
        raise Conflict(f"You are {row.relation} of {room.name} already.", [("relation", "expected a higher one")])
    return Wanted(f"{given.relation} of the room {room.slug}", room, f"workroom:{room.id}", hidden=False)


def _document(actor: User, given: Given) -> Wanted:
    identity = as_uuid(given.document)
    if identity is None:
        raise Invalid("Say which document.", [("document", "expected the id in its address")])
    if is_admitted(actor, f"document:{identity}"):
        raise Conflict("You were given this document already.", [("document", "already given")])
    room, _ = _room(actor, given.room)
    row = Document.objects.filter(pk=identity, workroom=room).first() if room else None
    if row is not None and _sees(actor, row):
        raise Conflict(f"You can read {row.name} already.", [("document", "already yours to read")])
    named = f"document {identity} of the room {given.room}"
    return Wanted(named, room if row else None, f"document:{row.id}" if row else "", hidden=True)


def _source(actor: User, given: Given) -> Wanted:
    room = access_workroom(actor, given.room)
    if not given.source or len(given.source) > LONGEST_NAME:
        raise Invalid("Say which source.", [("source", "expected its short name")])
    row = Source.objects.filter(slug=given.source).first()
    if row is not None and SourceAccess.objects.filter(source=row, workroom=room, until=None).exists():
        raise Conflict(f"{row.slug} may be used in {room.name} already.", [("source", "already there")])
    named = f"source {given.source} for the room {room.slug}"
    return Wanted(named, room, f"source:{row.id}" if row else "", hidden=False)


def _room(actor: User, named: str) -> tuple[Workroom | None, bool]:
    """Return the room that is there by this id or slug, and whether `actor` may know of it."""
    identity = as_uuid(named)
    rows = Workroom.objects.select_related("organization")
    found: Workroom | None = rows.filter(pk=identity).first() if identity else rows.filter(slug=named).first()
    try:
        return found, bool(found and access_workroom(actor, found))
    except NotFound:
        return found, False


def _sees(actor: User, document: Document) -> bool:
    try:
        return bool(access_document(actor, document.id))
    except NotFound:
        return False
