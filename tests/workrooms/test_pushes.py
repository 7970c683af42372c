"""Pushes: what was committed, as it was then, in order; a push that cannot be made costs its writer nothing."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms import broadcasts
from workrooms.actions.entries import post_entry, update_entry
from workrooms.broadcasts import Written, broadcast_entry, room_channel
from workrooms.models import Message

Heard = Any


@pytest.fixture
def heard(cast: Cast) -> Iterator[Heard]:
    """Somebody who listens to the room."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as valkey, valkey.pubsub() as listener:
        listener.subscribe(room_channel(cast.room.id))
        assert listener.get_message(timeout=5)["type"] == "subscribe"
        yield listener


def frames(heard: Heard, amount: int) -> list[dict[str, Any]]:
    """The next frames of entries, which must come; what is left of a moment must hold no other."""
    found: list[dict[str, Any]] = []
    while len(found) < amount:
        message = heard.get_message(timeout=5)
        assert message is not None, found
        found += entries(message)
    broadcasts._pusher().submit(int).result(5)
    while message := heard.get_message(timeout=0.1):
        assert entries(message) == []
    return found


def entries(message: dict[str, Any]) -> list[dict[str, Any]]:
    frame = json.loads(json.loads(message["data"]).get("json", "{}"))
    return [frame] if "seq" in frame else []


def said(cast: Cast, html: str) -> Message:
    return post_entry(cast.room, actor=cast.bob, html=html, event="message.posted")


def test_entries_come_once_and_in_the_order_of_their_numbers(cast: Cast, heard: Heard) -> None:
    with unit_of_work(cast.harbor):
        first = [said(cast, f"<p>{number}</p>") for number in range(20)]
    with unit_of_work(cast.harbor):
        last = said(cast, "<p>20</p>")
    pushed = frames(heard, 21)
    assert [one["seq"] for one in pushed] == [entry.changed_seq for entry in (*first, last)]
    assert [one["prev"] for one in pushed[1:]] == [one["seq"] for one in pushed[:-1]]


def test_what_was_undone_is_never_pushed(cast: Cast, heard: Heard) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        said(cast, "<p>undone</p>")
        raise ZeroDivisionError
    with unit_of_work(cast.harbor):
        said(cast, "<p>stands</p>")
    assert "stands" in frames(heard, 1)[0]["data"]["html"]


def test_an_entry_is_pushed_as_it_was_committed(cast: Cast, heard: Heard) -> None:
    """Its owner changes it again before it is pushed, and takes that back."""
    with unit_of_work(cast.harbor):
        entry = said(cast, "<p>committed</p>")
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        update_entry(entry, actor=cast.bob, html="<p>never committed</p>", event="message.edited")
        frame = frames(heard, 1)[0]
        raise ZeroDivisionError
    assert ">committed<" in frame["data"]["html"] and "never" not in frame["data"]["html"]


def test_many_writers_lose_nothing(cast: Cast, heard: Heard) -> None:
    with unit_of_work(cast.harbor):
        entry = said(cast, "<p>one</p>")
    frames(heard, 1)

    def write() -> None:
        for _ in range(50):
            broadcast_entry(entry, "message.posted", cast.path)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(frames(heard, 200)) == 200


def test_an_entry_that_cannot_be_shown_takes_no_other_with_it(
    cast: Cast, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    framed = broadcasts._frame

    def frame(entry: Written) -> dict[str, str]:
        if "broken" in entry.message.html:
            raise ValueError("broken")
        return framed(entry)

    monkeypatch.setattr(broadcasts, "_frame", frame)
    with unit_of_work(cast.harbor):
        said(cast, "<p>broken</p>")
        said(cast, "<p>whole</p>")
    assert "whole" in frames(heard, 1)[0]["data"]["html"]


def test_where_no_thread_can_be_had_the_writer_pushes(
    cast: Cast, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a process, or with no thread left: neither this entry nor those after it wait for ever."""
    with monkeypatch.context() as patch:
        patch.setattr(broadcasts, "_pusher", NoThread)
        with unit_of_work(cast.harbor):
            said(cast, "<p>first</p>")
        assert "first" in frames_now(heard)[0]["data"]["html"]
    with unit_of_work(cast.harbor):
        said(cast, "<p>second</p>")
    assert "second" in frames(heard, 1)[0]["data"]["html"]


class NoThread:
    """What an executor does after the end of its process has begun."""

    def submit(self, _: Any) -> None:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")


def frames_now(heard: Heard) -> list[dict[str, Any]]:
    """The frames that have been published already."""
    found: list[dict[str, Any]] = []
    while message := heard.get_message(timeout=0.5):
        found += entries(message)
    return found


def test_a_broken_valkey_costs_its_writer_nothing(cast: Cast, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
        patch.setattr(broadcasts, "_publisher", lambda: nowhere)
        with unit_of_work(cast.harbor):
            lost = said(cast, "<p>lost</p>")
        broadcasts._pusher().submit(int).result(5)
    with unit_of_work(cast.harbor):
        said(cast, "<p>found</p>")
        assert Message.objects.filter(pk=lost.pk).exists()
    frame = frames(heard, 1)[0]
    assert "found" in frame["data"]["html"] and frame["prev"] == lost.changed_seq


PROGRAM = """
import os, sys, django
django.setup()
from uuid import UUID
from accounts.tenancy import unit_of_work
from workrooms.actions.entries import post_entry
from workrooms.models import Workroom
with unit_of_work(UUID(sys.argv[1])):
    room = Workroom.objects.select_related("organization").get(pk=sys.argv[2])
    post_entry(room, actor=None, html="<p>one</p>", event="message.posted")
if sys.argv[3] == "fork":
    if child := os.fork():
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    from django.db import connections
    connections["default"].connection = None
    connections["default"]._connection_pools.clear()
    with unit_of_work(UUID(sys.argv[1])):
        post_entry(room, actor=None, html="<p>two</p>", event="message.posted")
    sys.exit(0)
"""


@pytest.mark.parametrize(("end", "amount"), [("exit", 1), ("fork", 2)])
def test_a_process_pushes_before_it_ends(cast: Cast, heard: Heard, end: str, amount: int) -> None:
    program = [sys.executable, "-c", PROGRAM, str(cast.harbor.id), str(cast.room.id), end]
    subprocess.run(program, check=True, timeout=60)
    assert len(frames(heard, amount)) == amount
