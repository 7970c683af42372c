"""Erasing content: messages and documents are emptied, payloads leave the log, and what happened stays provable."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import Q
from django.db.transaction import on_commit

from accounts.actions.keeping import KEPT, erase_payloads, refuse_held
from accounts.authority.labels import Label
from accounts.errors import Invalid
from accounts.labelling import join_label
from accounts.ledger.reading import events_of
from accounts.ledger.record import record
from accounts.models import Ledger, User
from workrooms.actions.entries import publish
from workrooms.broadcasts import broadcast_refresh
from workrooms.entries import inner_html
from workrooms.models import Correction, Document, Mention, Message, PrivateAnswer, Revision, Workroom
from workrooms.signals import Matching, content_erased

SHORTEST_WORD, MOST_WORDS = 3, 20
ERASED = Label("public", frozenset({"erased"}))  # what GDPR's Article 17 keeps agents from


def erase_subject(
    room: Workroom, *, actor: User, person: User | None = None, words: Sequence[str] = (), reason: str
) -> dict[str, int]:
    """Make a subject's content in the room unreadable; return how many messages, documents and events were emptied.

    The subject is a `person` (what they wrote and had done) or whoever `words` name, as they stand in the text. The log
    keeps that this was done, by whom and why, not the words. Raises Invalid, and Conflict under a legal hold or while a
    run concerned has not ended.
    """
    asked = tuple(" ".join(word.split()) for word in words)
    short = any(len(word) < SHORTEST_WORD for word in asked)
    errors = [("words", f"expected at least {SHORTEST_WORD} characters each")] if short else []
    if not reason.strip():
        errors.append(("reason", "expected why, such as the number of the request"))
    if not (person or asked) or len(asked) > MOST_WORDS:
        errors.append(("words", f"expected a person, or 1 to {MOST_WORDS} words"))
    if errors:
        raise Invalid("It is not clear what is to be erased.", errors)
    counts = erase_matching(room, Matching(person=person, words=asked), actor=actor)
    payload: dict[str, Any] = {"reason": reason.strip()[:300], "words": len(asked), **counts}
    named = person.ledger_name if person else None
    record("subject.erased", actor=actor, ledger=room.id, object=named, payload=payload)
    return counts


def erase_matching(
    room: Workroom, matching: Matching, *, actor: User | None, most: int | None = None
) -> dict[str, int]:
    """Empty what matches, at most `most` messages, documents and events of each; return how many. Raises Conflict."""
    refuse_held(Ledger.objects.get(pk=room.id))
    answers: list[tuple[Any, Any]] = content_erased.send(Workroom, room=room, matching=matching)
    runs: list[UUID] = [run for _, found in answers for run in found]
    messages = _messages(room, matching, runs)[:most]
    documents = _documents(room, matching)[:most]
    for message in messages:
        _empty_message(message, actor)
    for document in documents:
        _empty_document(document, actor)
    objects = [f"message:{row.pk}" for row in messages] + [f"document:{row.pk}" for row in documents]
    events = events_of(room.id).filter(_events(matching, runs, objects), payload__isnull=False)
    numbers = events.exclude(payload={}).exclude(kind__regex=KEPT).order_by("seq").values_list("seq", flat=True)[:most]
    return {"messages": len(messages), "documents": len(documents), "events": erase_payloads(room.id, numbers)}


def _messages(room: Workroom, matching: Matching, runs: list[UUID]) -> Any:
    wanted = matching.by("author", "on_behalf_of") | matching.says("body", "html") | matching.older("created_at")
    kept = Message.objects.filter(workroom=room).exclude(state=Message.State.DELETED)
    return kept.filter(wanted | Q(run__in=runs)).with_people().select_related("workroom__organization").order_by("seq")


def _documents(room: Workroom, matching: Matching) -> Any:
    says = Revision.objects.filter(matching.says("text")).values("document")
    wanted = matching.by("author") | matching.says("name") | matching.older("updated_at") | Q(pk__in=says)
    return Document.objects.filter(wanted, workroom=room, revisions__size__gt=0).distinct().order_by("created_at")


def _events(matching: Matching, runs: list[UUID], objects: list[str]) -> Q:
    found = Q(object__in=objects) | Q(run__in=runs) | matching.says("text") | matching.older("at")
    if matching.person:
        name = matching.person.ledger_name
        found |= Q(actor=name) | Q(on_behalf_of=name) | Q(object=name)
    return found


def _empty_message(message: Message, actor: User | None) -> None:
    message.body, message.about, message.state = "", {}, Message.State.DELETED
    message.html = inner_html(message, "")
    message.save(update_fields=["body", "about", "state", "html"])
    Correction.objects.filter(message=message).delete()
    Mention.objects.filter(message=message).delete()
    PrivateAnswer.objects.filter(message=message).delete()
    record(
        "message.erased",
        actor=actor,
        ledger=message.workroom_id,
        object=f"message:{message.id}",
        entry=message,
        published=partial(publish, "message.erased"),
    )


def _empty_document(document: Document, actor: User | None) -> None:
    for revision in Revision.objects.filter(document=document):
        on_commit(partial(_empty_file, revision))
    Revision.objects.filter(document=document).update(text="", size=0, sha256="")
    document.name = f"erased-{document.id}"
    document.save(update_fields=["name"])
    join_label(f"document:{document.id}", ERASED)
    record("document.erased", actor=actor, ledger=document.workroom_id, object=f"document:{document.id}")
    on_commit(partial(broadcast_refresh, document.workroom_id, "documents"))


def _empty_file(revision: Revision) -> None:
    storage, name = revision.file.storage, str(revision.file.name)
    storage.delete(name)
    storage.save(name, ContentFile(b""))
