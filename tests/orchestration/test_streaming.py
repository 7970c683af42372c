"""Deltas become frames: at most ten a second, in order, nothing lost; and callbacks run on the caller's thread."""

import asyncio
import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.brains.streaming import Coalescer, Interrupted, OnDelta, drive


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.text(max_size=5), st.floats(0, 0.4)), max_size=60))
def test_no_text_is_lost_or_reordered_and_no_second_has_more_than_ten_frames(steps: list[tuple[str, float]]) -> None:
    clock, frames = Clock(), list[tuple[float, str]]()
    coalescer = Coalescer(lambda text: frames.append((clock.now, text)), clock=clock)
    for text, pause in steps:
        clock.now += pause
        coalescer.add(text)
    in_time = list(frames)
    coalescer.flush()
    assert "".join(text for _, text in frames) == "".join(text for text, _ in steps)
    gaps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(in_time)]
    assert all(gap >= 0.1 - 1e-9 for gap in gaps)
    assert all(text for _, text in frames)


def test_held_text_leaves_at_a_tick_without_a_further_delta() -> None:
    clock, frames = Clock(), list[str]()
    coalescer = Coalescer(frames.append, clock=clock)
    coalescer.add("a")
    coalescer.add("b")
    coalescer.tick()
    assert frames == ["a"]
    clock.now += 0.11
    coalescer.tick()
    assert frames == ["a", "b"]


def test_callbacks_run_on_the_callers_thread_and_the_work_on_another() -> None:
    threads: dict[str, int] = {}

    async def work(emit: OnDelta) -> str:
        threads["work"] = threading.get_ident()
        emit("x")
        return "done"

    def note(_: str) -> None:
        threads["delta"] = threading.get_ident()

    assert drive(work, on_delta=note, should_stop=lambda: False) == "done"
    assert threads["delta"] == threading.get_ident() != threads["work"]


def test_what_the_work_raises_comes_through() -> None:
    async def work(emit: OnDelta) -> str:
        emit("x")
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        drive(work, on_delta=lambda _: None, should_stop=lambda: False)


def test_an_interruption_lets_the_work_clean_up_first() -> None:
    closed = threading.Event()

    async def work(_: OnDelta) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            closed.set()

    with pytest.raises(Interrupted):
        drive(work, on_delta=lambda _: None, should_stop=lambda: True)
    assert closed.is_set()
