"""Timeline entries of every kind: run headlines, approval cards and receipts are written and changed here."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import User
from accounts.tenancy import current_unit, keep
from workrooms.broadcasts import broadcast_entry
from workrooms.entries import inner_html, room_path
from workrooms.models import Message, Workroom


def post_entry(
    room: Workroom,
    *,
    actor: User | None,
    html: str,
    event: str,
    kind: str = Message.Kind.MESSAGE,
    body: str = "",
    payload: dict[str, Any] | None = None,
    object: str | None = None,
    thread: Message | None = None,
    on_behalf_of: User | None = None,
    brain: str = "",
    run: UUID | None = None,
    turn: UUID | None = None,
    about: dict[str, Any] | None = None,
) -> Message:
    """Add an entry and record `event` for it; `object` is what the event is about, this entry when None.

    `html` is the content, sanitised or made by a template; author and time are put around it. `actor` None is the
    system. `about["note"]` (short text) stands beside the author. Raises Invalid when `thread` is of another room.
    """
    root = _thread_root(room, thread)
    message = Message(
        organization_id=room.organization_id, workroom=room, thread=root, author=actor, on_behalf_of=on_behalf_of,
        kind=kind, body=body, brain=brain, run=run, turn=turn, about=about or {},
    )  # fmt: skip
    message.created_at = timezone.now()
    message.html = inner_html(message, html)
    message.reply_count = _next_reply(root) if root else 0
    keep(message)
    record(
        event,
        actor=actor,
        ledger=room.id,
        object=object or f"message:{message.id}",
        on_behalf_of=on_behalf_of,
        run=run,
        turn=turn,
        payload={"message": str(message.id), "thread": str(root.id) if root else None, **(payload or {})},
        entry=message,
        published=partial(publish, event),
    )
    return message


def update_entry(
    entry: Message,
    *,
    actor: User | None,
    html: str,
    event: str,
    payload: dict[str, Any] | None = None,
    object: str | None = None,
    kind: str | None = None,
    turn: UUID | None = None,
    on_behalf_of: User | None = None,
) -> Message:
    """Replace the content of `entry` (and its `kind` when given) and record `event`, whose number becomes the entry's
    last change."""
    entry.kind = kind or entry.kind
    entry.html = inner_html(entry, html)
    keep(entry, "kind", "html")
    record(
        event,
        actor=actor,
        ledger=entry.workroom_id,
        object=object or f"message:{entry.id}",
        on_behalf_of=on_behalf_of,
        run=entry.run,
        turn=turn,
        payload=payload,
        entry=entry,
        published=partial(publish, event),
    )
    return entry


def publish(event: str, message: Message) -> None:
    """Push `message`, whose room and people were loaded while it was written."""
    broadcast_entry(message, event, room_path(message.workroom))


def _thread_root(room: Workroom, thread: Message | None) -> Message | None:
    if thread is None:
        return None
    if thread.workroom_id != room.id:
        raise Invalid("The thread is in another room.", [("thread", "expected a message of this room")])
    return thread.thread or thread


def _next_reply(thread: Message) -> int:
    """Count one more reply to `thread`; a reply keeps its place as its own count."""
    if current_unit().foreseen:
        thread.reply_count += 1
        keep(thread, "reply_count")
        return int(thread.reply_count)
    Message.objects.filter(pk=thread.pk).update(reply_count=F("reply_count") + 1)
    return int(Message.objects.values_list("reply_count", flat=True).get(pk=thread.pk))
