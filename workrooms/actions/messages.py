"""Writing in the timeline. Each action is one row change and one event; the push follows the commit."""

from functools import partial
from typing import Any

from django.utils import timezone

from accounts.bounds import person_behind
from accounts.clearances import limited_people
from accounts.errors import Conflict, Forbidden, Invalid
from accounts.ledger.record import record
from accounts.models import User
from workrooms.actions.entries import post_entry, publish
from workrooms.entries import inner_html
from workrooms.mentions import names_in, people_named
from workrooms.models import Correction, Mention, Message, Workroom
from workrooms.rendering import render_message
from workrooms.signals import message_posted

LONGEST_BODY = 20_000


def checked_body(body: str) -> str:
    """Return `body` without surrounding blank, or raise Invalid saying what is wrong with it."""
    text = body.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid("The message is empty.", [("body", "write something")])
    if len(text) > LONGEST_BODY:
        detail = f"The message has {len(text):,} characters; {LONGEST_BODY:,} fit. Add it as a document instead."
        raise Invalid(detail, [("body", f"at most {LONGEST_BODY} characters, found {len(text)}")])
    if "\0" in text:
        where = text.index("\0") + 1
        raise Invalid(f"The message holds a NUL character at position {where}.", [("body", "remove the NUL character")])
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            f"The message holds half a character at position {error.start + 1}.", [("body", "expected Unicode text")]
        ) from None
    return text


def post_message(
    room: Workroom,
    *,
    actor: User,
    body: str,
    thread: Message | None = None,
    about: dict[str, Any] | None = None,
) -> Message:
    """Write `body` (Markdown) in the room, in `thread` when given (a reply to a reply joins its thread).

    A person's mentions are kept and may call agents; those of an agent or a service are inert. Raises Invalid.
    """
    text = checked_body(body)
    names = names_in(room) if actor.is_person else {}
    behind = person_behind(actor)
    message = post_entry(
        room,
        actor=actor,
        html=render_message(text, names),
        body=text,
        kind=Message.Kind.MESSAGE,
        event="message.posted",
        payload={"body": text},
        thread=thread,
        on_behalf_of=behind,
        brain="service" if behind else "",
        about=about,
    )
    mentioned = people_named(text, names)
    Mention.objects.bulk_create(
        Mention(organization_id=room.organization_id, message=message, user_id=user_id) for user_id in mentioned
    )
    message_posted.send(sender=Message, message=message, actor=actor)
    return message


def edit_message(message: Message, *, actor: User, body: str) -> Message:
    """Replace the words of one's own message; the old ones stay in its history. Raises Forbidden, Conflict, Invalid."""
    row = _own(message, actor, "edit")
    text = checked_body(body)
    if text == row.body:
        return row
    Correction.objects.create(organization_id=row.organization_id, message=row, body=row.body)
    row.body, row.state, row.edited_at = text, Message.State.EDITED, timezone.now()
    row.html = inner_html(row, render_message(text, names_in(row.workroom)))
    row.save(update_fields=["body", "state", "edited_at", "html"])
    _changed(row, "message.edited", actor, {"body": text})
    return row


def delete_message(message: Message, *, actor: User, manages: bool = False) -> Message:
    """Leave a tombstone in place of one's own message (of anyone's for who manages the room)."""
    row = _own(message, actor, "delete", manages)
    row.body, row.state = "", Message.State.DELETED
    row.html = inner_html(row, "")
    row.save(update_fields=["body", "state", "html"])
    Correction.objects.filter(message=row).delete()
    Mention.objects.filter(message=row).delete()
    _changed(row, "message.deleted", actor, {})
    return row


def _own(message: Message, actor: User, verb: str, manages: bool = False) -> Message:
    row: Message = Message.objects.select_for_update(of=("self",), no_key=True).with_people().get(pk=message.pk)
    if row.kind != Message.Kind.MESSAGE or (row.author_id != actor.id and not manages):
        raise Forbidden(f"You can {verb} only your own messages.")
    if row.state == Message.State.DELETED:
        raise Conflict("This message was deleted.")
    return row


def _changed(row: Message, event: str, actor: User, payload: dict[str, Any]) -> None:
    record(
        event,
        actor=actor,
        ledger=row.workroom_id,
        object=f"message:{row.id}",
        payload=payload,
        entry=row,
        published=None if row.about.get("label") and limited_people(row.workroom) else partial(publish, event),
    )


def mark_mentions_read(room: Workroom, *, actor: User) -> int:
    """Mark what mentions `actor` in the room as read; return how many were not."""
    unread = Mention.objects.filter(message__workroom=room, user=actor, read_at=None)
    return int(unread.update(read_at=timezone.now()))
