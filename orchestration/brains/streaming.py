"""From a stream on an event loop to plain calls on a worker's thread, in frames a person can read."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

POLL_SECONDS = 0.25
_CLOSING_SECONDS = 5.0

OnDelta = Callable[[str], None]
T = TypeVar("T")


class Interrupted(Exception):
    """`should_stop` said yes, and the work was cancelled."""


class Coalescer:
    """Gathers deltas into frames: `emit` is called at most `per_second` times a second, and with no text lost.

    Call `add` for each delta, `tick` now and then (a poll of `should_stop` is a good place) so that text does not
    wait for the next delta, and `flush` at the end.
    """

    def __init__(self, emit: OnDelta, per_second: int = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._interval = 1 / per_second
        self._clock = clock
        self._held: list[str] = []
        self._due = clock()

    def add(self, text: str) -> None:
        """Take a delta, and emit what is held if a frame is due."""
        if text:
            self._held.append(text)
            self.tick()

    def tick(self) -> None:
        """Emit what is held if a frame is due."""
        if self._clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Emit what is held now."""
        if self._held:
            text = "".join(self._held)
            self._held.clear()
            self._due = self._clock() + self._interval
            self._emit(text)


def drive(
    work: Callable[[OnDelta], Coroutine[Any, Any, T]], *, on_delta: OnDelta, should_stop: Callable[[], bool]
) -> T:
    """Run `work` on an event loop in a thread of its own; call `on_delta` and `should_stop` on this one.

    They may use the database, which Django refuses on a thread that runs an event loop. `should_stop` is asked every
    POLL_SECONDS, whether or not anything arrives; when it says yes, or a callback raises, the work is cancelled
    and its connections are closed before this returns. Raises Interrupted, or what `work` raised.
    """
    inbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    started: Future[Callable[[], None]] = Future()
    outcome: Future[T] = Future()
    thread = threading.Thread(target=_run, args=(work, inbox, started, outcome), daemon=True, name="model-request")
    thread.start()
    try:
        _hand_on(inbox, on_delta, should_stop)
    except BaseException:
        started.result()()
        thread.join(_CLOSING_SECONDS)
        raise
    return outcome.result()


def _run(
    work: Callable[[OnDelta], Coroutine[Any, Any, T]],
    inbox: "queue.SimpleQueue[str | None]",
    started: "Future[Callable[[], None]]",
    outcome: "Future[T]",
) -> None:
    async def main() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def cancel() -> None:
            with suppress(RuntimeError):  # the loop has closed: nothing is left to cancel
                loop.call_soon_threadsafe(task.cancel)

        started.set_result(cancel)
        return await work(inbox.put)

    try:
        outcome.set_result(asyncio.run(main()))
    except BaseException as error:
        outcome.set_exception(error)
        if not started.done():
            started.set_exception(error)
    finally:
        inbox.put(None)


def _hand_on(inbox: "queue.SimpleQueue[str | None]", on_delta: OnDelta, should_stop: Callable[[], bool]) -> None:
    next_poll = time.monotonic() + POLL_SECONDS
    while True:
        if time.monotonic() >= next_poll:
            if should_stop():
                raise Interrupted
            next_poll = time.monotonic() + POLL_SECONDS
        try:
            delta = inbox.get(timeout=max(0.0, next_poll - time.monotonic()))
        except queue.Empty:
            continue
        if delta is None:
            return
        on_delta(delta)
