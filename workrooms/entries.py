"""How a timeline entry looks to a page, a socket and a program: the same bytes wherever it is served."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from workrooms.models import Message, Workroom


def room_path(room: Workroom) -> str:
    """Return the path of the room's pages."""
    return f"/o/{room.organization.slug}/r/{room.slug}/"


def inner_html(message: Message, content: str, at: datetime) -> str:
    """Return what is stored of `message`: author, time and the sanitised `content`. Rendered once, when written."""
    context = {"message": message, "content": SafeString(content), "at": at, "path": room_path(message.workroom)}
    return render_to_string("workrooms/message/_inner.html", context).strip()


def outer_html(message: Message, path: str) -> SafeString:
    """Put the numbered element around the stored HTML. `path` is the room's path."""
    numbers = (
        ("seq", message.seq),
        ("changed", message.changed_seq),
        ("prev", message.previous),
        ("thread", message.thread_id or ""),
        ("kind", message.kind),
        ("author", message.author_id or ""),
        ("run", message.run or ""),
        ("replies", message.reply_count),
    )
    attributes = format_html_join("", ' data-{}="{}"', numbers)
    gutter = format_html(
        '<a class="seq gutter" href="{}ledger/{}/" aria-label="Ledger entry {}">#{}</a>',
        path, message.seq, f"{message.seq:,}", f"{message.seq:,}",
    )  # fmt: skip
    return format_html(
        '<article id="entry-{}" class="entry {}"{}>{}{}{}</article>',
        message.id, message.kind, attributes, gutter, SafeString(message.html), _replies(message, path),
    )  # fmt: skip


def _replies(message: Message, path: str) -> SafeString:
    if message.thread_id:
        return SafeString("")
    count = message.reply_count
    words = f"{count} {'reply' if count == 1 else 'replies'}"
    hidden = SafeString("" if count else " hidden")
    return format_html('<a class="replies" href="{}m/{}/"{}>{}</a>', path, message.id, hidden, words)


def outer_htmls(messages: Iterable[Message], path: str) -> SafeString:
    """Return the elements of `messages`, one after the other."""
    return SafeString("\n".join(outer_html(message, path) for message in messages))


def user_json(user: User | None) -> dict[str, Any] | None:
    """Return who this is, for programs."""
    return {"id": str(user.id), "name": user.name, "kind": user.kind} if user else None


def entry_json(message: Message) -> dict[str, Any]:
    """Return the entry for programs. `message` has its author and on_behalf_of loaded."""
    return {
        "id": str(message.id),
        "room": str(message.workroom_id),
        "thread": str(message.thread_id) if message.thread_id else None,
        "kind": message.kind,
        "state": message.state,
        "author": user_json(message.author),
        "on_behalf_of": user_json(message.on_behalf_of),
        "brain": message.brain,
        "body": message.body,
        "html": message.html,
        "run": str(message.run) if message.run else None,
        "turn": str(message.turn) if message.turn else None,
        "about": message.about,
        "replies": message.reply_count,
        "seq": message.seq,
        "changed_seq": message.changed_seq,
        "created_at": message.created_at.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
    }
