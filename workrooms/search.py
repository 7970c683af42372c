"""Finding rooms, people, messages and documents of a person's rooms; `from:`, `in:`, `has:` and `before:` narrow."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchVector
from django.db.models import F
from django.utils.dateparse import parse_date

from accounts.clearances import Unseen, unseen_by
from accounts.models import User
from accounts.relations import permissions_of
from workrooms.entries import room_path
from workrooms.models import Document, Message, Participant, Revision, Workroom
from workrooms.policies import is_cleared
from workrooms.rendering import plain_words

HITS = 20
OPERATOR = re.compile(r'\b(from|in|has|before):(?:"([^"]*)"|(\S+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed: the words, and what narrows them."""

    words: str
    author: str = ""
    room: str = ""
    has: str = ""
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `kind` is room, person, message or document; `context` is the text around the words."""

    kind: str
    title: str
    context: str
    href: str
    seq: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def question(text: str) -> Question:
    """Read what was typed; an operator whose value cannot be read is left out."""
    text = text.replace("\0", " ")[:400]
    given = {name.lower(): quoted or plain for name, quoted, plain in OPERATOR.findall(text)}
    words = " ".join(OPERATOR.sub(" ", text).split())
    try:
        before = parse_date(given.get("before", ""))
    except ValueError:
        before = None
    return Question(words, given.get("from", ""), given.get("in", ""), given.get("has", ""), before)


def search(asked: Question, actor: User, room: Workroom | None = None) -> list[Hit]:
    """Return what `actor` may see and `asked` finds, in `room` or in all rooms of the organization."""
    rooms = Workroom.objects.of(actor).select_related("organization")
    mine = (each for each in rooms if room is None or each == room)
    within = {each.id: each for each in mine if _named(each, asked.room) and _may_enter(actor, each)}
    hits: list[Hit] = []
    unseen = unseen_by(actor)
    if room is None and not (asked.author or asked.has or asked.before):
        hits += [_room_hit(each) for each in within.values() if asked.words.lower() in each.name.lower()]
        hits += _people(asked, within)
    of_documents = asked.has.lower() in ("doc", "document", "file")
    if not of_documents:
        hits += _messages(asked, within, unseen)
    return hits + _documents(asked, within, unseen) if of_documents or not asked.has else hits


def _may_enter(actor: User, room: Workroom) -> bool:
    return "view" in permissions_of(actor, room) and is_cleared(actor, room, f"workroom:{room.id}")


def _named(room: Workroom, wanted: str) -> bool:
    return not wanted or wanted.lower() in (room.slug, room.name.lower())


def _room_hit(room: Workroom) -> Hit:
    return Hit("room", room.name, room.purpose, room_path(room))


def _people(asked: Question, within: dict[Any, Workroom]) -> list[Hit]:
    if not asked.words:
        return []
    found = Participant.objects.filter(workroom__in=within, user__name__icontains=asked.words).select_related("user")
    return [
        Hit("person", each.user.name, f"{each.relation} in {within[each.workroom_id].name}", people_path(each, within))
        for each in found[:HITS]
    ]


def people_path(participant: Participant, within: dict[Any, Workroom]) -> str:
    """Return where a participant is shown."""
    return f"{room_path(within[participant.workroom_id])}people/"


def _query(words: str) -> SearchQuery:
    return SearchQuery(words, config="english", search_type="websearch")


def _messages(asked: Question, within: dict[Any, Workroom], unseen: Unseen) -> list[Hit]:
    rows = Message.objects.seen_with(unseen).filter(workroom__in=within).exclude(body="").select_related("author")
    if asked.words:
        rows = rows.annotate(found=SearchVector("body", config="english")).filter(found=_query(asked.words))
    if asked.author:
        rows = rows.filter(author__name__icontains=asked.author)
    if asked.has.lower() == "link":
        rows = rows.filter(body__icontains="://")
    if asked.before:
        rows = rows.filter(created_at__date__lt=asked.before)
    if not (asked.words or asked.author or asked.has or asked.before):
        return []
    return [_message_hit(row, within[row.workroom_id]) for row in rows.order_by("-created_at")[:HITS]]


def _message_hit(message: Message, room: Workroom) -> Hit:
    place = f"threads/{message.thread_id or message.id}/#entry-{message.id}"
    author = message.author.name if message.author else "Workroom"
    shown = {"id": str(message.id), "created_at": message.created_at.isoformat()}
    text = plain_words(message.body)[:200]
    return Hit("message", f"{author} in {room.name}", text, f"{room_path(room)}{place}", message.seq, shown)


def _documents(asked: Question, within: dict[Any, Workroom], unseen: Unseen) -> list[Hit]:
    rows = Revision.objects.filter(document__workroom__in=within, number=F("document__revision"))
    rows = rows.exclude(document__in=unseen.ids("document")).select_related("document").defer("text")
    if asked.author:
        rows = rows.filter(author__name__icontains=asked.author)
    if asked.before:
        rows = rows.filter(created_at__date__lt=asked.before)
    if not asked.words:
        return [_document_hit(row, within, "") for row in rows[:HITS]] if asked.has or asked.author else []
    query = _query(asked.words)
    words = rows.annotate(found=SearchVector("text", config="english")).filter(found=query)
    around = SearchHeadline("text", query, config="english", start_sel="", stop_sel="", max_words=30)
    by_text = words.annotate(around=around)[:HITS]
    hits = {row.document_id: _document_hit(row, within, row.around) for row in by_text}
    by_name = rows.filter(document__name__icontains=asked.words)[:HITS]
    named = {row.document_id: _document_hit(row, within, "") for row in by_name}
    return list({**named, **hits}.values())


def _document_hit(revision: Revision, within: dict[Any, Workroom], around: str) -> Hit:
    document: Document = revision.document
    room = within[document.workroom_id]
    shown = {"id": str(document.id), "revision": revision.number}
    text = plain_words(around)[:200]
    return Hit("document", document.name, text, f"{room_path(room)}docs/{document.id}/", None, shown)
