"""A receiver of outward writes: counts POSTs by Idempotency-Key and writes each to a file, over real HTTP.

In a test: `with Receiver() as receiver:`; as a process of its own, which no test kills:
`python -m tests.live.receiver PORT FILE [SECONDS]` (PORT 0 chooses one; the first line printed is the URL; each answer
takes a random time of up to SECONDS).
FILE gets one JSON object a line: {"key", "body", "path", "at"}; GET /counts answers {key: times}.
"""

import contextlib
import json
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self

Behaviour = int | Literal["hang", "reset"]


class Receiver:
    """`behaviours` are taken in order: a status, "hang" (never answers) or "reset"; after them every answer is 200.

    What arrived is counted before it is answered, as a real receiver may have acted before it fails; an answer takes
    a random time of up to `slowest` seconds.
    """

    def __init__(self, *behaviours: Behaviour, port: int = 0, file: Path | None = None, slowest: float = 0.0) -> None:
        self._behaviours = list(behaviours)
        self._file = file
        self.slowest = slowest
        self._lock = threading.Lock()
        self.received: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.receiver = self
        self.place = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.place}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def behave(self, *behaviours: Behaviour) -> None:
        """Take these next, before the answers are 200 again."""
        with self._lock:
            self._behaviours = list(behaviours)

    def serve(self) -> None:
        """Answer until closed."""
        self._server.serve_forever(0.05)

    def take(self, key: str, path: str, body: Any) -> Behaviour:
        """Record one POST and say how to answer it."""
        arrived = {"key": key, "body": body, "path": path, "at": time.time()}
        with self._lock:
            self.received.append(arrived)
            self.counts[key] += 1
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(arrived) + "\n")
            return self._behaviours.pop(0) if self._behaviours else 200


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """What arrived is in the file."""

    def do_GET(self) -> None:
        self._answer(200, dict(self._receiver.counts))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        behaviour = self._receiver.take(self.headers.get("Idempotency-Key", ""), self.path, body)
        self._receiver.closing.wait(random.uniform(0.0, self._receiver.slowest))
        if behaviour == "hang":
            self._receiver.closing.wait()
        elif behaviour == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self._answer(behaviour, {"received": True})
            return
        self.close_connection = True

    @property
    def _receiver(self) -> Receiver:
        return self.server.receiver  # type: ignore[attr-defined, no-any-return]

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # who asked was killed meanwhile
            self.wfile.write(data)


if __name__ == "__main__":
    longest = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    standalone = Receiver(port=int(sys.argv[1]), file=Path(sys.argv[2]), slowest=longest)
    print(standalone.url, flush=True)
    standalone.serve()
