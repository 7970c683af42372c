"""The room's socket, over real connections to a real Daphne, PostgreSQL and Valkey."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from accounts.actions.tokens import create_token, revoke_token
from accounts.models import User
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from workrooms.actions.messages import edit_message, post_message
from workrooms.actions.participants import change_relation, remove_participant
from workrooms.broadcasts import broadcast_delta

HINT = "<p data-catch-up></p>"


def listen(web: str, room: Any, user: User | None = None, *, query: str = "", token: str = "", **more: str) -> connect:
    """Open the room's socket as a browser of `user`, or with `token`; `origin` in `more` replaces our own."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if user:
        headers["Cookie"] = f"sessionid={cookie_of(signed_in(user))}"
    origin = Origin(more.get("origin", f"http://{web}"))
    return connect(f"ws://{web}/ws/workrooms/{room}{query}", additional_headers=headers, origin=origin or None)


def cookie_of(browser: Client) -> str:
    """Return the session key of a browser."""
    return browser.cookies["sessionid"].value


async def heard(socket: ClientConnection) -> str:
    """Return the next frame that is no hint to catch up."""
    while True:
        frame = str(await asyncio.wait_for(socket.recv(), 5))
        if frame != HINT and '"catch-up"' not in frame:
            return frame


async def ready(socket: ClientConnection) -> None:
    """Wait until the hub hears the room for this socket."""
    assert "catch-up" in str(await asyncio.wait_for(socket.recv(), 5))


async def closed(socket: ClientConnection) -> int:
    """Return the code with which the server closes the socket."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 5)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0


def do(cast: Cast, act: Callable[[], Any]) -> Any:
    """Carry out `act` in a unit of work of Harbor."""
    with unit_of_work(cast.harbor):
        return act()


later = sync_to_async(do)


async def test_a_message_arrives_as_the_page_shows_it(web: str, cast: Cast) -> None:
    vera = await sync_to_async(signed_in)(cast.vera)
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as socket:
        await ready(socket)
        message = await later(cast, lambda: post_message(cast.room, actor=cast.bob, body="Hello **all**"))
        frame = await heard(socket)
        page = (await sync_to_async(vera.get)(cast.path)).content.decode()
        assert frame in page
        assert f'data-seq="{message.changed_seq}"' in frame and f'data-prev="{message.previous}"' in frame


async def test_json_frames_and_a_token(web: str, cast: Cast) -> None:
    _, secret = await later(cast, lambda: create_token(cast.harbor, actor=cast.bob, name="reader"))
    async with listen(web, "auto-claims", token=secret, query="?format=json", origin="") as socket:
        await ready(socket)
        first = await later(cast, lambda: post_message(cast.room, actor=cast.alice, body="one"))
        frames = [json.loads(await heard(socket))]
        await later(cast, lambda: edit_message(first, actor=cast.alice, body="two"))
        frames.append(json.loads(await heard(socket)))
        assert [frame["kind"] for frame in frames] == ["message.posted", "message.edited"]
        assert frames[1]["prev"] == frames[0]["seq"] and frames[1]["data"]["body"] == "two"
        await sync_to_async(broadcast_delta)(cast.room.id, first.id, "Fraud", "Three of")
        delta = json.loads(await heard(socket))
        assert delta["kind"] == "turn.delta" and "seq" not in delta


async def test_dropped_frames_are_healed_by_one_catch_up(web: str, cast: Cast) -> None:
    """What happens while the hub is deaf is told by the hint it sends once it hears again."""
    browser = await sync_to_async(signed_in)(cast.vera)
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as socket:
        await ready(socket)
        first = await later(cast, lambda: post_message(cast.room, actor=cast.bob, body="one"))
        assert str(first.id) in await heard(socket)
        broker = redis.Redis.from_url(settings.REDIS_URL)
        assert await sync_to_async(broker.execute_command)("CLIENT", "KILL", "TYPE", "pubsub") >= 1
        lost = [await later(cast, lambda: post_message(cast.room, actor=cast.bob, body="lost")) for _ in range(3)]
        assert str(await asyncio.wait_for(socket.recv(), 8)) == HINT
        caught = await sync_to_async(browser.get)(f"{cast.path}messages/?after={first.changed_seq}")
        assert [str(message.id) in caught.content.decode() for message in lost] == [True] * 3
        late = await later(cast, lambda: post_message(cast.room, actor=cast.bob, body="after"))
        frame = await heard(socket)
        assert f'data-prev="{lost[-1].changed_seq}"' in frame and str(late.id) in frame


async def test_who_is_taken_out_is_gone_within_a_second(web: str, cast: Cast) -> None:
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as socket:
        await ready(socket)
        await later(cast, lambda: remove_participant(cast.room, actor=cast.alice, user=cast.vera))
        assert await asyncio.wait_for(closed(socket), 1.5) == 4403


async def test_a_lost_word_of_it_is_made_good_by_the_epoch(
    web: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as socket:
        await ready(socket)
        await asyncio.sleep(0.5)
        monkeypatch.setattr("workrooms.broadcasts._publish", lambda *_: None)
        await later(cast, lambda: remove_participant(cast.room, actor=cast.alice, user=cast.vera))
        assert await closed(socket) == 4403


async def test_another_relation_keeps_the_socket_open(web: str, cast: Cast) -> None:
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as socket:
        await ready(socket)
        await later(cast, lambda: change_relation(cast.room, actor=cast.alice, user=cast.vera, relation="editor"))
        message = await later(cast, lambda: post_message(cast.room, actor=cast.bob, body="still there?"))
        while str(message.id) not in (frame := await heard(socket)):
            assert "data-refresh" in frame
        await socket.send("ping")
        assert await heard(socket) == "pong"


async def test_signing_out_closes_the_browsers_sockets(web: str, cast: Cast) -> None:
    browser = await sync_to_async(signed_in)(cast.bob)
    address, cookie = f"ws://{web}/ws/workrooms/{cast.room.id}", f"sessionid={cookie_of(browser)}"
    async with connect(address, additional_headers={"Cookie": cookie}, origin=f"http://{web}") as socket:  # type: ignore[arg-type]
        await ready(socket)
        await sync_to_async(browser.post)("/account/logout/")
        assert await closed(socket) == 4401


@pytest.mark.parametrize(("who", "code"), [("charlie", 4403), ("mallory", 4403), ("nobody", 4401), ("evil", 4401)])
async def test_who_may_not_listen(web: str, cast: Cast, who: str, code: int) -> None:
    """Outsider, other tenant, nobody at all, and Bob's browser on a page of somebody else."""
    user = {"nobody": None, "evil": cast.bob}.get(who, getattr(cast, who, None))
    origin = "http://evil.example" if who == "evil" else f"http://{web}"
    async with await sync_to_async(listen)(web, cast.room.id, user, origin=origin) as socket:
        assert await closed(socket) == code


async def test_a_revoked_token_does_not_listen(web: str, cast: Cast) -> None:
    token, secret = await later(cast, lambda: create_token(cast.harbor, actor=cast.bob, name="reader"))
    await later(cast, lambda: revoke_token(token, actor=cast.bob))
    async with listen(web, "auto-claims", token=secret, origin="") as socket:
        assert await closed(socket) == 4401


async def test_a_slow_reader_never_holds_up_the_room(web: str, cast: Cast) -> None:
    """One socket stops reading; another gets 600 large frames all the same."""
    text = "word " * 3000
    async with await sync_to_async(listen)(web, cast.room.id, cast.vera) as slow:
        await ready(slow)
        async with await sync_to_async(listen)(web, cast.room.id, cast.bob) as quick:
            await ready(quick)
            slow.transport.pause_reading()
            for _ in range(600):
                await sync_to_async(broadcast_delta)(cast.room.id, cast.room.id, "Fraud", text)
            last = await later(cast, lambda: post_message(cast.room, actor=cast.alice, body="the end"))
            while str(last.id) not in (frame := await heard(quick)):
                pass
            assert "the end" in frame
            slow.transport.resume_reading()
