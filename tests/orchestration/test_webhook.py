"""The outward write against a real receiver: sent, certainly not sent, or unknown."""

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from orchestration.tools.webhook import Refused, Sent, Unknown, WebhookProblem, send
from tests.live.receiver import Behaviour, Receiver

BODY = {"claim": "C-1", "payout_cents": 125_00}


def test_a_body_arrives_once_with_its_key() -> None:
    with Receiver(201) as receiver:
        assert send(receiver.url, BODY, "key-1", trusted={receiver.place}) == Sent(201)
        assert receiver.counts == {"key-1": 1}
        assert receiver.received[0]["body"] == BODY


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (400, Refused),
        (422, Refused),
        (429, Refused),
        (408, Unknown),
        (409, Unknown),
        (302, Unknown),
        (500, Unknown),
        (503, Unknown),
        ("reset", Unknown),
        ("hang", Unknown),
    ],
)
def test_an_answer_says_whether_it_was_taken(behaviour: Behaviour, kind: type[WebhookProblem]) -> None:
    with Receiver(behaviour) as receiver, pytest.raises(WebhookProblem) as problem:
        send(receiver.url, BODY, "key-1", trusted={receiver.place}, timeout=0.5)
    assert type(problem.value) is kind
    assert receiver.counts == {"key-1": 1}, "nothing is repeated by itself"
    assert problem.value.status == (behaviour if isinstance(behaviour, int) else None)


def test_a_closed_port_is_certainly_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(Refused, match="Nothing was sent"):
        send(f"http://{place}/", BODY, "key-1", trusted={place})


def test_a_private_receiver_that_nobody_trusts_is_not_called() -> None:
    with Receiver() as receiver:
        with pytest.raises(Refused, match="WORKROOM_TRUSTED_HOSTS"):
            send(receiver.url, BODY, "key-1", trusted={"127.0.0.1:1"})
        assert not receiver.received


def test_the_receiver_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "received.jsonl"
    command = [sys.executable, "-m", "tests.live.receiver", "0", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            place = url.split("/")[2]
            for key in ("a", "a", "b"):
                send(url, BODY, key, trusted={place})
            with urllib.request.urlopen(f"http://{place}/counts") as counts:
                assert json.load(counts) == {"a": 2, "b": 1}
        finally:
            process.terminate()
    assert [json.loads(line)["key"] for line in file.read_text().splitlines()] == ["a", "a", "b"]
