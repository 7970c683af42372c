"""Pushes, after the commit: what was written is published once to each room's channel; hubs hand it on.

Frames are hints. A push that fails is logged and healed by the readers' catch-up, never an error of the action. Entries
are pushed by a thread of its own, a moment later: it asks once for all that came meanwhile whether anybody listens.
"""

import json
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import redis
import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html

from workrooms.entries import entry_json, outer_html
from workrooms.models import Message

SESSIONS = "workroom:sessions"
MOMENT = 0.01
log = structlog.get_logger()


class Written(NamedTuple):
    """An entry to push: `kind` of the event that wrote it, `path` of its room."""

    message: Message
    kind: str
    path: str

    @property
    def channel(self) -> str:
        """Return the channel of the entry's room."""
        return room_channel(self.message.workroom_id)


_written: list[Written] = []
_writing = threading.Lock()


def room_channel(room_id: UUID | str) -> str:
    """Return the channel of a room."""
    return f"workroom:room:{room_id}"


@cache
def _publisher() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


@cache
def _pusher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "pusher")


def _begin_anew() -> None:
    """In a forked child: what its parent is about to push is not pushed twice, nor waited for."""
    global _writing
    _pusher.cache_clear()
    _written.clear()
    _writing = threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)


def _listened_to(channels: Iterable[str]) -> set[str]:
    asked = set(channels)
    try:
        answer: Any = _publisher().pubsub_numsub(*asked)
    except redis.RedisError as error:
        log.warning("push.failed", channels=sorted(asked), error=type(error).__name__)
        return set()
    return {channel.decode() for channel, listeners in answer if listeners}


def _publish(channel: str, frame: dict[str, Any]) -> None:
    try:
        _publisher().publish(channel, json.dumps(frame))
    except redis.RedisError as error:
        log.warning("push.failed", channel=channel, error=type(error).__name__)


def broadcast_entry(message: Message, kind: str, path: str) -> None:
    """Push an entry that was written or changed, if anybody listens: who comes later reads it on the page.

    `kind` is the event's, `path` the room's; nothing is queried. The entry is nobody else's any more.
    """
    with _writing:
        _written.append(Written(message, kind, path))
        first = len(_written) == 1
    if first:
        try:
            _pusher().submit(_push)
        except RuntimeError:  # the process ends, or has no thread left
            _push()


def _push() -> None:
    time.sleep(MOMENT)
    with _writing:
        entries, _written[:] = list(_written), ()
    heard = _listened_to(entry.channel for entry in entries)
    for entry in entries:
        if entry.channel in heard:
            try:
                _publish(entry.channel, _frame(entry))
            except Exception as error:
                log.exception("push.failed", channel=entry.channel, error=type(error).__name__)


def _frame(entry: Written) -> dict[str, str]:
    message = entry.message
    data = {
        "seq": message.changed_seq,
        "prev": message.previous,
        "kind": entry.kind,
        "at": timezone.now().isoformat(),
        "data": entry_json(message),
    }
    return {"html": outer_html(message, entry.path), "json": json.dumps(data)}


def broadcast_delta(
    room_id: UUID, turn_id: UUID, agent: str, text: str, brain: str = "", thread: UUID | None = None
) -> None:
    """Push text an agent is writing: plain, without a number; it goes to the end of what the turn has said."""
    html = format_html(
        '<p data-delta="{}" data-agent="{}" data-brain="{}" data-thread="{}">{}</p>',
        turn_id, agent, brain, thread or "", text,
    )  # fmt: skip
    _transient(room_id, "turn.delta", html, {"turn": str(turn_id), "agent": agent, "text": text})


def broadcast_refresh(room_id: UUID, pane: str) -> None:
    """Tell pages that something beside the timeline (`runs`, `documents`, `people`, `ledger`) changed."""
    _transient(room_id, "pane.changed", format_html('<p data-refresh="{}"></p>', pane), {"pane": pane})


def _transient(room_id: UUID, kind: str, html: str, data: dict[str, Any]) -> None:
    frame = {"kind": kind, "at": timezone.now().isoformat(), "data": data}
    _publish(room_channel(room_id), {"html": html, "json": json.dumps(frame)})


def broadcast_control(room_id: UUID, **control: Any) -> None:
    """Tell hubs something about a room's sockets: `relations=True` makes each check its right to listen."""
    _publish(room_channel(room_id), {"control": control})


def broadcast_token_ended(digest: str) -> None:
    """Tell hubs that a bearer token holds no more; its sockets close with 4401."""
    _publish(SESSIONS, {"control": {"token": digest}})


def broadcast_signed_out(session_digest: str) -> None:
    """Tell hubs that a browser session ended; its sockets close with 4401."""
    _publish(SESSIONS, {"control": {"session": session_digest}})
