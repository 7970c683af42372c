"""Fan-out in a web process: one subscription per room it holds, the same bytes to each of its sockets.

Every socket has a bounded queue; one that reads too slowly loses its queue and is told to catch up, and never holds up
the room. When the connection to the broker breaks, it is made again with growing pauses, and all are told to catch up.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import redis.asyncio
import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError

from workrooms.broadcasts import SESSIONS, room_channel
from workrooms.listening import Place, epochs

QUEUE = 200
LONGEST_PAUSE = 5.0
WATCH_SECONDS = 2.0
log = structlog.get_logger()
Frame = dict[str, Any]
CATCH_UP: Frame = {"html": "<p data-catch-up></p>", "json": json.dumps({"kind": "catch-up", "data": {}})}
CHECK: Frame = {"control": {"relations": True}}


@dataclass(eq=False, slots=True)
class Listener:
    """One socket: where it listens and what waits to be sent to it."""

    place: Place
    queue: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def offer(self, frame: Frame) -> None:
        """Queue `frame`; a full queue is emptied of entries, and the reader told to catch up."""
        if self.queue.full():
            waiting = [self.queue.get_nowait() for _ in range(self.queue.qsize())]
            controls = {json.dumps(each): each for each in waiting if "control" in each}
            for each in [*list(controls.values())[: QUEUE // 2], CATCH_UP]:
                self.queue.put_nowait(each)
        self.queue.put_nowait(frame)


class Hub:
    """The subscriptions of one event loop. `connected` says whether the broker is being heard."""

    def __init__(self) -> None:
        self.rooms: dict[str, set[Listener]] = {}
        self.connected = False
        self._heard: set[str] = set()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def listen(self, place: Place) -> Listener:
        """Begin to hear a room; once it is heard the listener is told to catch up on what came before."""
        listener, channel = Listener(place), room_channel(place.room_id)
        self.rooms.setdefault(channel, set()).add(listener)
        if channel in self._heard:
            listener.offer(CATCH_UP)
        self._changed.set()
        if not self._tasks or any(task.done() for task in self._tasks):
            for task in self._tasks:
                task.cancel()
            self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._watch())]
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop hearing; the last one to leave a room ends its subscription, the last of all the connection."""
        channel = room_channel(listener.place.room_id)
        listeners = self.rooms.get(channel, set())
        listeners.discard(listener)
        if not listeners:
            self.rooms.pop(channel, None)
            self._changed.set()

    async def _run(self) -> None:
        pause = 0.1
        while self.rooms:
            try:
                await self._hear()
                pause = 0.1
            except (redis.RedisError, OSError) as error:
                log.warning("hub.disconnected", error=type(error).__name__, pause=pause)
                self.connected = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self.connected = False

    async def _hear(self) -> None:
        client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=15)
        async with client, client.pubsub() as pubsub:
            await pubsub.subscribe(SESSIONS)
            subscribing = asyncio.create_task(self._subscribe(pubsub))
            try:
                while self.rooms:
                    message = await pubsub.get_message(timeout=1.0)
                    if message and message["type"] == "message":
                        self._hand_on(message["channel"].decode(), json.loads(message["data"]))
                    elif message and message["type"] == "subscribe":
                        self.connected = True
                        self._heard.add(message["channel"].decode())
                        self._hand_on(message["channel"].decode(), CATCH_UP)
            finally:
                self._heard.clear()
                subscribing.cancel()

    async def _subscribe(self, pubsub: Any) -> None:
        held: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self.rooms)
            if fresh := wanted - held:
                await pubsub.subscribe(*fresh)
            if gone := held - wanted:
                self._heard -= gone
                await pubsub.unsubscribe(*gone)
            held = wanted
            await self._changed.wait()

    def _hand_on(self, channel: str, frame: Frame) -> None:
        everybody = (one for room in self.rooms.values() for one in room)
        for listener in list(everybody if channel == SESSIONS else self.rooms.get(channel, ())):
            listener.offer(frame)

    async def _watch(self) -> None:
        """Belt and braces: have sockets checked when a room's epoch changed and no word of it came."""
        known: dict[UUID, UUID] = {}
        while self.rooms:
            places = {listener.place for room in self.rooms.values() for listener in room}
            try:
                found = await database_sync_to_async(epochs)(places)
            except DatabaseError as error:
                log.warning("hub.watch_failed", error=type(error).__name__)
                found = known
            for room_id, epoch in found.items():
                if known.get(room_id, epoch) != epoch:
                    self._hand_on(room_channel(room_id), CHECK)
            known = found
            await asyncio.sleep(WATCH_SECONDS)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def all_hubs() -> list[Hub]:
    """Return the hubs of this process."""
    return list(_hubs.values())
