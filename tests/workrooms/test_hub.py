"""A socket's queue: bounded, and what happens when it is full."""

import json
from uuid import uuid4

import pytest

from workrooms.hub import CATCH_UP, CHECK, QUEUE, Frame, Listener
from workrooms.listening import Place


@pytest.fixture
def listener() -> Listener:
    """A socket that reads nothing."""
    return Listener(Place(uuid4(), uuid4()))


def waiting(listener: Listener) -> list[Frame]:
    """What waits to be sent."""
    return [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]


async def test_a_reader_in_time_gets_everything_in_order(listener: Listener) -> None:
    frames = [{"html": str(n), "json": "{}"} for n in range(QUEUE)]
    for frame in frames:
        listener.offer(frame)
    assert waiting(listener) == frames


async def test_a_slow_reader_loses_its_queue_and_is_told_to_catch_up(listener: Listener) -> None:
    for n in range(10 * QUEUE):
        listener.offer({"html": str(n), "json": "{}"})
    left = waiting(listener)
    assert len(left) <= QUEUE
    assert left[0] == CATCH_UP and left[-1]["html"] == str(10 * QUEUE - 1)
    assert json.loads(CATCH_UP["json"])["kind"] == "catch-up"


async def test_word_of_a_lost_right_is_never_lost(listener: Listener) -> None:
    listener.offer(CHECK)
    for n in range(3 * QUEUE):
        listener.offer({"html": str(n), "json": "{}"})
        listener.offer(CHECK)
    left = waiting(listener)
    assert CHECK in left and CATCH_UP in left and len(left) <= QUEUE
