"""How a timeline entry looks to a page, a socket and a program: the same bytes wherever it is served."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from workrooms.models import Message, Workroom
from workrooms.stored import stored_html


class Author(NamedTuple):
    """Who says something, as it is shown."""

    kind: str
    name: str


def room_path(room: Workroom) -> str:
    """Return the path of the room's pages."""
    return f"/o/{room.organization.slug}/r/{room.slug}/"


def inner_html(message: Message, content: str) -> str:
    """Return what is stored of `message`: author, time and the sanitised `content`. Rendered once, when written."""
    aside = message.about.get("note") or (f"for {message.on_behalf_of.name}" if message.on_behalf_of else "")
    author = Author(message.author.kind, message.author.name) if message.author else None
    context = {"head": _head(author, message.brain, aside), "message": message, "id": SafeString(message.id),
               "body": SafeString(content), "here": room_path(message.workroom)}  # fmt: skip
    return stored_html("message.jinja", context)


@lru_cache(maxsize=1024)
def _head(author: Author | None, brain: str, aside: str) -> SafeString:
    return SafeString(stored_html("head.jinja", {"author": author, "brain": brain, "aside": aside}))


def outer_html(message: Message, here: str) -> SafeString:
    """Put the numbered element around the stored HTML. `here` is the room's path."""
    return SafeString(render_to_string("workrooms/message/_entry.html", {"message": message, "here": here}).strip())


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
