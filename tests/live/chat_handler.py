"""The HTTP side of the scripted server: chat completions, streamed as server-sent events or in one piece."""

import json
import select
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.live.scripted_openai import Reply, ScriptedOpenAI, Seen


class ChatHandler(BaseHTTPRequestHandler):
    """Answers POST …/chat/completions from the script and GET …/models with one model."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Tests assert on `requests`; a log line for each would drown their output."""

    def do_GET(self) -> None:
        self._whole(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    def do_POST(self) -> None:
        from tests.live.scripted_openai import Seen

        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen = Seen(body, {name.lower(): value for name, value in self.headers.items()})
        reply = self._scripted.reply_to(seen)
        if reply.hang == "silent":
            self._wait(None, seen)
        elif reply.status != 200:
            self._whole(reply.status, _error(reply))
        elif body.get("stream"):
            self._stream(reply, seen)
        else:
            self._whole(200, _completion(reply, body))

    @property
    def _scripted(self) -> "ScriptedOpenAI":
        return self.server.scripted  # type: ignore[attr-defined, no-any-return]

    def _whole(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, reply: "Reply", seen: "Seen") -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        events = list(_events(reply, seen.body))
        if reply.hang:
            events = [] if reply.hang == "headers" else events[: max(1, len(events) // 2)]
        try:
            for event in events:
                self._chunk(f"data: {json.dumps(event)}\n\n".encode())
                if reply.delay and not self._wait(reply.delay, seen):
                    return
            if reply.hang in ("stall", "headers"):
                self._wait(None, seen)
            elif reply.hang == "error":
                self._chunk(f"data: {json.dumps(_error(reply))}\n\n".encode())
                self._chunk(b"")
            elif reply.hang != "drop":
                self._chunk(b"data: [DONE]\n\n")
                self._chunk(b"")
        except OSError:
            seen.disconnected.set()
        finally:
            self.close_connection = self.close_connection or bool(reply.hang)

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _wait(self, seconds: float | None, seen: "Seen") -> bool:
        """Wait, for ever if None; False, at once, when the client has gone or the server closes."""
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end:
            left = 0.05 if end is None else max(0.0, min(0.05, end - time.monotonic()))
            if self._client_gone(left):
                seen.disconnected.set()
                self.close_connection = True
                return False
            if self._scripted.closing.is_set():
                self.close_connection = True
                return False
        return True

    def _client_gone(self, seconds: float) -> bool:
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if not readable:
            return False
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK) == b"")
        except OSError:
            return True


def _events(reply: "Reply", body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _event(body, {"role": "assistant", "content": ""})
    for piece in _pieces(reply.thinking, reply.chunk):
        yield _event(body, {"reasoning_content": piece})
    for piece in _pieces(reply.text, reply.chunk):
        yield _event(body, {"content": piece})
    for index, call in enumerate(_calls(reply)):
        arguments = call["function"].pop("arguments")
        yield _event(
            body, {"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}
        )
        for piece in _pieces(arguments, reply.chunk):
            yield _event(body, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield _event(body, {}, reply.finish_reason)
    if reply.usage is not None:
        yield {**_event(body, {}), "choices": [], "usage": _usage(reply.usage)}


def _event(body: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _completion(reply: "Reply", body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = _calls(reply)
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        **({"usage": _usage(reply.usage)} if reply.usage is not None else {}),
    }


def _error(reply: "Reply") -> dict[str, Any]:
    return {"error": {"message": reply.error, "type": "scripted", "code": None}}


def _calls(reply: "Reply") -> list[dict[str, Any]]:
    from tests.live.scripted_openai import as_json

    return [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": as_json(arguments)}}
        for number, (name, arguments) in enumerate(reply.calls)
    ]


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))
