"""Interrupts queries that run too long. One watching thread a process: starting one for each query costs as much
as a query."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_changed = threading.Condition()
_running: dict[object, tuple[float, Callable[[], object]]] = {}
_watcher: threading.Thread | None = None


@contextmanager
def interrupted_after(seconds: float, interrupt: Callable[[], object]) -> Iterator[None]:
    """Calls `interrupt` if the block within has not ended after `seconds`."""
    query, deadline = object(), time.monotonic() + seconds
    with _changed:
        _watch()
        is_next = all(deadline < other for other, _ in _running.values())
        _running[query] = (deadline, interrupt)
        if is_next:
            _changed.notify()
    try:
        yield
    finally:
        with _changed:
            _running.pop(query, None)


def _watch() -> None:
    global _watcher
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_interrupt_the_late, name="source-deadlines", daemon=True)
        _watcher.start()


def _interrupt_the_late() -> None:
    while True:
        with _changed:
            _changed.wait(_seconds_to_the_next())


def _seconds_to_the_next() -> float | None:
    """Interrupts what is late; a function of its own so that the waiting thread keeps nothing of a query alive."""
    now = time.monotonic()
    for query, (deadline, interrupt) in list(_running.items()):
        if deadline <= now:
            interrupt()
            del _running[query]
    nearest = min((deadline for deadline, _ in _running.values()), default=None)
    return None if nearest is None else nearest - now
