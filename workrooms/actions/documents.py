"""Documents: adding, revising, reading. A file exists only if the transaction that names it committed."""

import hashlib
from functools import partial
from itertools import chain, count
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.transaction import on_commit

from accounts.errors import Conflict, NotFound
from accounts.ledger.record import record
from accounts.models import User
from accounts.tenancy import current_unit
from workrooms.broadcasts import broadcast_refresh
from workrooms.models import Document, Revision, Workroom
from workrooms.policies import is_cleared
from workrooms.uploads import Upload, checked_upload, numbered_name


def add_document(
    room: Workroom,
    *,
    actor: User,
    name: str,
    content: bytes,
    on_behalf_of: User | None = None,
    run: UUID | None = None,
    turn: UUID | None = None,
) -> Document:
    """Add a document with its first revision. Raises Invalid, TooLarge, Conflict when the name is taken.

    Nobody is told of a document that they may not see: beside one of the same name theirs gets a number.
    """
    upload = checked_upload(name, content)
    made = {"organization_id": room.organization_id, "media_type": upload.media_type, "author": actor, "run": run}
    document: Document
    names = chain([upload.name], (numbered_name(upload.name, number) for number in count(2)))
    for free in names:
        document, created = Document.objects.get_or_create(workroom=room, name=free, defaults=made)
        if created:
            break
        if free == upload.name and is_cleared(on_behalf_of or actor, room, f"document:{document.id}"):
            detail = f"{room.name} already has a document named {free}. Add a revision to it, or choose another name."
            raise Conflict(detail, [("name", "taken")], document=str(document.id))
    _revise(document, upload, "document.added", actor, on_behalf_of, run, turn)
    return document


def add_revision(
    document: Document,
    *,
    actor: User,
    content: bytes,
    expected: int,
    on_behalf_of: User | None = None,
    run: UUID | None = None,
    turn: UUID | None = None,
) -> Revision:
    """Add a revision on top of revision `expected`.

    Raises Conflict with both texts (`theirs`, `yours`, `current`) when the document moved on meanwhile, Invalid when
    the content is not of the document's type.
    """
    row = Document.objects.select_for_update(of=("self",), no_key=True).select_related("workroom").get(pk=document.pk)
    upload = checked_upload(row.name, content)
    if row.revision != expected:
        current = Revision.objects.select_related("author").get(document=row, number=row.revision)
        raise Conflict(
            f"{row.name} is at revision {row.revision}, saved by {current.author.name}; you began with {expected}.",
            [("If-Match", f"expected {row.revision}, found {expected}")],
            current=row.revision,
            theirs=current.text,
            yours=upload.text,
        )
    revision = _revise(row, upload, "document.revised", actor, on_behalf_of, run, turn)
    document.revision = row.revision
    return revision


def write_document(
    room: Workroom,
    *,
    actor: User,
    name: str,
    text: str,
    on_behalf_of: User | None = None,
    run: UUID | None = None,
    turn: UUID | None = None,
) -> Revision:
    """Write `text` under `name`: a new document, or a new revision of the one there. For agents, who hold no draft."""
    content = text.encode("utf-8", "replace")
    existing = Document.objects.select_for_update(no_key=True).filter(workroom=room, name=name).first()
    if existing:
        return _revise(existing, checked_upload(name, content), "document.revised", actor, on_behalf_of, run, turn)
    document = add_document(
        room, actor=actor, name=name, content=content, on_behalf_of=on_behalf_of, run=run, turn=turn
    )
    return revision_of(document)


def _revise(
    document: Document,
    upload: Upload,
    event: str,
    actor: User,
    on_behalf_of: User | None,
    run: UUID | None,
    turn: UUID | None,
) -> Revision:
    digest = hashlib.sha256(upload.content).hexdigest()
    document.revision += 1
    revision = Revision(
        organization_id=document.organization_id, document=document, number=document.revision, text=upload.text,
        size=len(upload.content), sha256=digest, author=actor, on_behalf_of=on_behalf_of,
    )  # fmt: skip
    revision.file.save(str(revision.number), ContentFile(upload.content), save=False)
    current_unit().undo.append(partial(revision.file.storage.delete, str(revision.file.name)))
    revision.save(force_insert=True)
    document.save(update_fields=["revision", "updated_at"])
    payload = {
        "name": document.name,
        "revision": revision.number,
        "media_type": document.media_type,
        "size": revision.size,
        "sha256": digest,
    }
    _recorded(document, event, actor, payload, on_behalf_of, run, turn)
    on_commit(partial(broadcast_refresh, document.workroom_id, "documents"))
    return revision


def _recorded(
    document: Document,
    event: str,
    actor: User,
    payload: dict[str, object],
    on_behalf_of: User | None = None,
    run: UUID | None = None,
    turn: UUID | None = None,
) -> None:
    record(
        event,
        actor=actor,
        ledger=document.workroom_id,
        object=f"document:{document.id}",
        on_behalf_of=on_behalf_of,
        run=run,
        turn=turn,
        payload=payload,
    )


def open_document(document: Document, *, actor: User, number: int | None = None) -> Revision:
    """Return a revision (the current one when None) and log that a person looked at it. Raises NotFound."""
    return _read(document, actor, number, "document.opened")


def download_document(document: Document, *, actor: User, number: int | None = None) -> Revision:
    """Return a revision to hand out its bytes, and log it."""
    return _read(document, actor, number, "document.downloaded")


def _read(document: Document, actor: User, number: int | None, event: str) -> Revision:
    revision = revision_of(document, number)
    payload = {"name": document.name, "revision": revision.number, "sha256": revision.sha256}
    _recorded(document, event, actor, payload)
    return revision


def revision_of(document: Document, number: int | None = None) -> Revision:
    """Return revision `number`, the current one when None. Raises NotFound when there is none."""
    wanted = document.revision if number is None else number
    found: Revision | None = (
        Revision.objects.select_related("author", "on_behalf_of").filter(document=document, number=wanted).first()
    )
    if found is None:
        detail = f"{document.name} has revisions 1 to {document.revision}; there is no {wanted}."
        raise NotFound(detail, [("revision", f"expected 1 to {document.revision}")])
    found.document = document
    return found
