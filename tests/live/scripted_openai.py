"""An OpenAI-compatible server that says what a test tells it to, over real HTTP.

    with ScriptedOpenAI([Reply(text="Hello")]) as server:
        ...  # server.url is the base URL ("http://127.0.0.1:PORT/v1"), server.place its "host:port"

A script is a sequence of replies for all requests in order, a dict from a piece of the system prompt to such a
sequence ("" matches every prompt no other key matches), or a function from the request's JSON body to a Reply.
A sequence that has run out answers 500 and says so, so that a request too many is seen.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, Literal, Self

from tests.live.chat_handler import ChatHandler

Arguments = dict[str, Any] | str


@dataclass(frozen=True)
class Reply:
    """One answer. `calls` are (tool name on the wire, arguments as a dict, or as raw text if malformed).

    `hang`: "silent" answers nothing at all, "headers" stops after the response's headers, "stall" stops in the middle
    and keeps the connection, "drop" breaks it in the middle, "error" reports `error` in the middle. `delay` is
    seconds between chunks of `chunk` characters. `usage` is (input, output) tokens, or None for a server that
    reports none.
    """

    text: str = ""
    calls: tuple[tuple[str, Arguments], ...] = ()
    thinking: str = ""
    delay: float = 0.0
    chunk: int = 12
    status: int = 200
    error: str = "scripted failure"
    hang: Literal["", "silent", "headers", "stall", "drop", "error"] = ""
    usage: tuple[int, int] | None = (100, 20)
    finish: str = ""

    @property
    def finish_reason(self) -> str:
        return self.finish or ("tool_calls" if self.calls else "stop")


@dataclass
class Seen:
    """One request as it arrived. `disconnected` is set when the client closed before the answer was complete."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)
    disconnected: threading.Event = field(default_factory=threading.Event)

    @property
    def system(self) -> str:
        return "\n".join(str(m["content"]) for m in self.body["messages"] if m["role"] in ("system", "developer"))

    @property
    def tools(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]


Script = Sequence[Reply] | Mapping[str, Sequence[Reply]] | Callable[[dict[str, Any]], Reply]


class ScriptedOpenAI:
    """The server, on a thread of its own from `with` to the end of it. `requests` holds what arrived, in order."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._taken: dict[str, int] = {}
        self._lock = threading.Lock()
        self.requests: list[Seen] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), ChatHandler)
        self._server.scripted = self
        self.place = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.place}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def say(self, script: Script) -> None:
        """Take another script from now on."""
        with self._lock:
            self._script, self._taken = script, {}

    def wait_for_requests(self, count: int, seconds: float = 10.0) -> None:
        """Wait until `count` requests have arrived; raises AssertionError when they do not."""
        end = time.monotonic() + seconds
        while len(self.requests) < count:
            assert time.monotonic() < end, f"{len(self.requests)} of {count} requests arrived in {seconds} s"
            time.sleep(0.02)

    def reply_to(self, seen: Seen) -> Reply:
        """Record the request and take the script's next reply for it."""
        with self._lock:
            self.requests.append(seen)
            if callable(self._script):
                return self._script(seen.body)
            if isinstance(self._script, Mapping):
                keys = [key for key in self._script if key and key in seen.system]
                key = keys[0] if keys else ""
                replies = self._script.get(key, ())
            else:
                key, replies = "", self._script
            number = self._taken.get(key, 0)
            self._taken[key] = number + 1
            if number < len(replies):
                return replies[number]
            return Reply(status=500, error=f"the script has no reply {number + 1} for {key!r}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    scripted: ScriptedOpenAI

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of what broke here; that a client was killed in the middle is none of it."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def as_json(value: Arguments) -> str:
    """Arguments as they go over the wire."""
    return value if isinstance(value, str) else json.dumps(value)
