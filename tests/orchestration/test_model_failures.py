"""How model requests fail, over real HTTP: in time, in words people understand, with the connection closed."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from orchestration.brains.failures import BadResponse, ModelProblem, ModelUnavailable, Stalled, Stopped
from tests.live.asking import KEY, ask
from tests.live.receiver import Receiver
from tests.live.scripted_openai import Reply, ScriptedOpenAI

LONG = "One two three four five. " * 40


def failing(server: ScriptedOpenAI, **changes: object) -> ModelProblem:
    with pytest.raises(ModelProblem) as problem:
        ask(server, **changes)  # type: ignore[arg-type]
    assert KEY not in str(problem.value)
    return problem.value


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


@pytest.mark.parametrize(
    ("status", "said", "retryable"),
    [
        (400, "refused the request with status 400, and says: wrong [key]", False),
        (401, "refused the key", False),
        (404, "Check the endpoint's URL and model name", False),
        (429, "asks to be called later", True),
        (500, "failed with status 500, and says: wrong [key]", True),
        (503, "failed with status 503", True),
    ],
)
def test_a_status_becomes_a_sentence_and_is_never_retried_here(status: int, said: str, retryable: bool) -> None:
    with ScriptedOpenAI([Reply(status=status, error=f"wrong {KEY}")]) as server:
        problem = failing(server)
        assert len(server.requests) == 1
    assert isinstance(problem, ModelUnavailable)
    assert said in problem.reason
    assert problem.retryable is retryable
    assert (problem.tokens_in, problem.tokens_out) == (0, 0)


def test_a_server_that_never_answers_is_given_up_on_and_left() -> None:
    with ScriptedOpenAI([Reply(hang="silent")]) as server:
        problem = failing(server, stall_seconds=0.6)
        assert server.requests[0].disconnected.wait(1)
    assert isinstance(problem, Stalled)
    assert "sent nothing for 0.6 seconds" in problem.reason
    assert problem.tokens_in > 0, "the provider may charge for what it was sent"


@pytest.mark.parametrize("hang", ["headers", "stall"])
def test_a_stalled_stream_is_given_up_on_and_what_came_is_kept(hang: str) -> None:
    with ScriptedOpenAI([Reply(text=LONG, hang=hang)]) as server:  # type: ignore[arg-type]
        problem = failing(server, stall_seconds=0.6)
        assert server.requests[0].disconnected.wait(1)
    assert isinstance(problem, Stalled)
    assert problem.retryable
    assert LONG.startswith(problem.text)
    assert bool(problem.text) == bool(problem.tokens_out) == (hang == "stall")


def test_a_stream_that_drips_for_ever_ends_at_the_limit_of_the_whole_answer() -> None:
    with ScriptedOpenAI([Reply(text=LONG, delay=0.1)]) as server:
        problem = failing(server, timeout_seconds=0.8)
        assert server.requests[0].disconnected.wait(1)
    assert isinstance(problem, Stalled)
    assert "did not finish within 0.8 seconds" in problem.reason


def test_a_connection_that_breaks_in_the_middle_is_no_answer() -> None:
    with ScriptedOpenAI([Reply(text=LONG, hang="drop")]) as server:
        problem = failing(server)
    assert isinstance(problem, ModelUnavailable)
    assert "in the middle of its answer" in problem.reason
    assert problem.retryable
    assert problem.tokens_out > 0


def test_an_error_inside_a_stream_is_no_answer() -> None:
    with ScriptedOpenAI([Reply(text=LONG, hang="error", error=f"overloaded, {KEY}")]) as server:
        problem = failing(server)
    assert isinstance(problem, ModelUnavailable)
    assert "overloaded, [key]" in problem.reason


def test_a_server_that_is_not_there_costs_nothing_and_may_come_back() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
    with ScriptedOpenAI([]) as server:
        problem = failing(server, url=f"http://user:pass@{place}/v1", trusted={place})
    assert isinstance(problem, ModelUnavailable)
    assert f"cannot be reached at http://{place}" in problem.reason
    assert "pass" not in problem.reason
    assert problem.retryable
    assert problem.tokens_in == 0


def test_a_private_server_that_nobody_trusts_is_not_asked() -> None:
    with ScriptedOpenAI([Reply(text="secret")]) as server:
        problem = failing(server, trusted=frozenset())
        assert not server.requests
    assert isinstance(problem, ModelUnavailable)
    assert "WORKROOM_TRUSTED_HOSTS" in problem.reason
    assert not problem.retryable


@pytest.mark.parametrize(
    "reply", [Reply(hang="silent"), Reply(hang="stall", text=LONG), Reply(text=LONG * 9, delay=0.05)]
)
def test_stop_closes_the_stream_within_half_a_second_whatever_arrives(reply: Reply) -> None:
    with ScriptedOpenAI([reply]) as server:
        stop = after(0.4)
        started = time.monotonic()
        problem = failing(server, should_stop=stop)
        assert time.monotonic() - started < 1.2
        assert server.requests[0].disconnected.wait(0.5)
    assert isinstance(problem, Stopped)
    assert "its stream is closed" in problem.reason
    assert problem.tokens_in > 0


def test_a_run_that_is_stopped_already_asks_nobody() -> None:
    with ScriptedOpenAI([Reply(text="Too late.")]) as server:
        problem = failing(server, should_stop=lambda: True)
        assert not server.requests
    assert isinstance(problem, Stopped)
    assert (problem.tokens_in, problem.tokens_out) == (0, 0)


def test_a_callback_that_fails_closes_the_stream_and_its_error_comes_through() -> None:
    def lost(_: str) -> None:
        raise ConnectionError("the database has gone")

    with ScriptedOpenAI([Reply(text=LONG, delay=0.1)]) as server:
        with pytest.raises(ConnectionError, match="the database has gone"):
            ask(server, on_delta=lost)
        assert server.requests[0].disconnected.wait(1)


def test_something_else_than_a_completion_is_a_bad_response() -> None:
    with Receiver() as other, ScriptedOpenAI([]) as server:
        problem = failing(server, url=other.url, trusted={other.place})
        assert len(other.received) == 1
    assert isinstance(problem, BadResponse)
    assert "did not answer with a chat completion" in problem.reason


def test_stop_does_not_wait_for_a_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def slow(*_: object, **__: object) -> None:
        asked.set()
        time.sleep(3)
        raise OSError("no answer")

    with ScriptedOpenAI([]) as server:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        started = time.monotonic()
        problem = failing(server, url="http://slow.example/v1", should_stop=after(0.4))
        assert time.monotonic() - started < 1.5
    assert asked.is_set()
    assert isinstance(problem, Stopped)
