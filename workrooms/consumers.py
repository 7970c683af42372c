"""The room's socket: it subscribes, authorises and forwards. Writing is done over HTTP."""

import asyncio
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from workrooms.hub import CHECK, Frame, Listener, current_hub
from workrooms.listening import Credential, Place, credential_in, place_of

SIGNED_OUT, NO_PARTICIPANT = 4401, 4403
RECHECK_SECONDS = 60.0


class RoomConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends a room's frames: HTML, or JSON with `?format=json`. Answers `ping` with `pong`.

    Closes with 4401 when the caller is signed out, with 4403 when the room is not, or no longer, theirs to see.
    """

    listener: Listener | None = None
    pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, so that a refusal has a code, and begin to listen."""
        credential = credential_in(dict(self.scope["headers"]))
        await self.accept()
        if credential is None:
            await self.close(SIGNED_OUT)
            return
        self.credential, self.room = credential, self.scope["url_route"]["kwargs"]["room"]
        place = await self._place(self.credential)
        if place is None:
            return
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        self.form = "json" if query.get("format") == ["json"] else "html"
        self.listener = current_hub().listen(place)
        self.pump = asyncio.create_task(self._forward(self.listener))

    async def _place(self, credential: Credential) -> Place | None:
        try:
            place: Place | None = await database_sync_to_async(place_of)(credential, self.room)
        except PermissionError:
            await self.close(SIGNED_OUT)
            return None
        if place is None:
            await self.close(NO_PARTICIPANT)
        return place

    async def _forward(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + RECHECK_SECONDS
        while True:
            try:
                frame = await asyncio.wait_for(listener.queue.get(), due - loop.time())
            except TimeoutError:
                frame, due = CHECK, loop.time() + RECHECK_SECONDS
            if "control" not in frame:
                await self.send(text_data=frame[self.form])
            elif not await self._still_welcome(frame["control"]):
                return

    async def _still_welcome(self, control: Frame) -> bool:
        if control.get("relations"):
            return await self._place(self.credential) is not None
        ended = self.credential.session_digest, self.credential.token_digest
        if (control.get("session", ""), control.get("token", "")) == ended:
            await self.close(SIGNED_OUT)
            return False
        return True

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a ping; everything else a client says here is ignored."""
        if text_data == "ping":
            await self.send(text_data="pong")

    async def disconnect(self, code: int) -> None:
        """Stop listening."""
        if self.listener is not None:
            current_hub().leave(self.listener)
        if self.pump is not None:
            self.pump.cancel()
