"""What ends is started again and said; what is stopped is gone; one home has one supervisor."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.child import Child, Unusable
from config.supervisor import sole_supervisor, stop_all, watch

STUBBORN = "import signal, time; signal.signal(15, lambda *_: None); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def make(name: str, code: str) -> Child:
        made.append(Child(name, [sys.executable, "-c", code], tmp_path, tmp_path / f"{name}.log"))
        return made[-1]

    yield make
    stop_all([made], 0.1)


def watched(children: list[Child], until: Callable[[list[str]], bool]) -> list[str]:
    """Watch until what was said satisfies `until`, 20 s at most; return it."""
    said: list[str] = []
    stopping = threading.Event()
    deadline = time.monotonic() + 20

    def look() -> None:
        while not until(said) and time.monotonic() < deadline:
            time.sleep(0.05)
        stopping.set()

    threading.Thread(target=look, daemon=True).start()
    watch(children, stopping, said.append)
    return said


def test_a_killed_child_is_started_again_and_said(make_child: Callable[..., Child]) -> None:
    child = make_child("web", "import time; time.sleep(60)")
    child.start()
    assert child.process
    killed = child.process
    killed.send_signal(signal.SIGKILL)
    said = watched([child], lambda _: child.process is not killed)
    assert said == [f"web was ended by SIGKILL; starting it again in 1 s. {child.log}"]
    assert child.alive


def test_one_that_keeps_dying_is_started_after_longer_pauses(make_child: Callable[..., Child]) -> None:
    child = make_child("clock", "raise SystemExit(3)")
    child.start()
    said = watched([child], lambda said: len(said) >= 2)
    assert [text.partition(". ")[0] for text in said[:2]] == [
        "clock ended with status 3; starting it again in 1 s",
        "clock ended with status 3; starting it again in 3 s",
    ]


def test_one_that_will_not_stop_is_killed_in_time(make_child: Callable[..., Child]) -> None:
    stubborn, willing = make_child("stubborn", STUBBORN), make_child("willing", "import time; time.sleep(60)")
    for child in (stubborn, willing):
        child.start()
    stubborn.wait_until(lambda: "up" in stubborn.last_words(), 10)
    began = time.monotonic()
    stop_all([[stubborn, willing]], 1)
    assert time.monotonic() - began < 5
    assert not stubborn.alive
    assert not willing.alive


def test_a_failed_start_shows_the_end_of_the_log(make_child: Callable[..., Child]) -> None:
    child = make_child("web", "print('no such port'); raise SystemExit(1)")
    child.start()
    with pytest.raises(Unusable, match=r"web did not start[^$]*no such port"):
        child.wait_until(lambda: False, 10)


def test_a_home_has_one_supervisor(tmp_path: Path) -> None:
    with sole_supervisor(tmp_path):
        with pytest.raises(Unusable, match=r"WORKROOM_HOME: Workroom is already running in .*\(process \d+\)"):
            with sole_supervisor(tmp_path):
                pass
    with sole_supervisor(tmp_path):
        pass
