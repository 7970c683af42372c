"""Checkpoints on the command line: forks, truncation and older states are found; what is no checkpoint is refused."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from accounts.ledger import verify
from accounts.ledger.signing import new_key_pair, public_pem, sign_note
from accounts.ledger.tree import consistency_path, inclusion_path
from accounts.ledger.verification.trees import Frontier
from tests.accounts.ledger_files import KEY, LEDGER, sealed, ten, written

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def leaves(events: Sequence[dict[str, Any]]) -> list[bytes]:
    return [bytes.fromhex(event["leaf"]) for event in events]


def note(events: Sequence[dict[str, Any]], *, ledger: str = LEDGER, private: bytes = KEY.private) -> str:
    """A checkpoint of exactly these events."""
    frontier = Frontier()
    for leaf in leaves(events):
        frontier.append(leaf)
    return sign_note(ledger, len(events), frontier.root(), private)


OTHER = sealed({"body": "another history"} for _ in range(10))


@pytest.fixture
def alone(tmp_path: Path) -> Run:
    """Runs verify.py as it is handed out on files of these contents, named by their place; the key is `key.pem`."""
    (tmp_path / "verify.py").write_text(verify.program())
    (tmp_path / "key.pem").write_text(public_pem(KEY.public))

    def run(*contents: bytes | str, key: bool = True) -> "subprocess.CompletedProcess[str]":
        for place, content in enumerate(contents):
            (tmp_path / f"{place}").write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments = ["0", *(["--key", "key.pem"] if key else [])]
        for place in range(1, len(contents)):
            arguments += ["--checkpoint", str(place)]
        command = [sys.executable, "-I", "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    return run


EXPORT = b"".join(written(ten()))
FOUND: dict[str, tuple[bytes, list[str], str]] = {
    "forked": (EXPORT, [note(OTHER[:6])], "broken at #6: forked: the first 6 events"),
    "forked after a good one": (EXPORT, [note(OTHER[:8]), note(ten()[:4])], "broken at #8: forked"),
    "an older state shown again": (
        b"".join(written(ten()[:6])),
        [note(ten())],
        "broken at #7: truncated, or an older state shown again: the checkpoint knows 10 events, the file ends at #6",
    ),
    "a checkpoint of another ledger": (EXPORT, [note(ten(), ledger="other")], "broken at #0: another ledger"),
    "a checkpoint signed by another": (
        EXPORT,
        [note(ten(), private=new_key_pair().private)],
        "broken at #0: the checkpoint of 10 events was not signed with the key",
    ),
    "a checkpoint edited": (EXPORT, [note(ten()).replace("\n10\n", "\n9\n")], "broken at #0: the checkpoint of 9"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_a_checkpoint_shows_is_found_and_named(alone: Run, name: str) -> None:
    export, notes, said = FOUND[name]
    assert alone(export).returncode == 0
    done = alone(export, *notes)
    assert (done.returncode, done.stdout.startswith(said)) == (1, True), done.stdout


def test_what_holds_and_what_is_not_checked_is_said(alone: Run) -> None:
    done = alone(EXPORT, note(ten()[:4]), note(ten()))
    assert (done.returncode, done.stdout) == (0, f"verified: 10 events, signed by {KEY.key_id}\n")
    assert "Holds the checkpoint of 4 events.\nHolds the checkpoint of 10 events.\n" in done.stderr
    assert "no checkpoint was given" not in done.stderr
    assert "forks and earlier states (no checkpoint was given)" in alone(EXPORT).stderr
    assert alone(EXPORT, note(ten()), key=False).returncode == 2


@pytest.mark.parametrize(
    "wrong", ["", "workroom/x\n1\n", note(ten())[:-1], note(ten()).replace("workroom/", "other/"), "x\n" * 60_000]
)
def test_what_is_no_checkpoint_cannot_be_checked_against(alone: Run, wrong: str) -> None:
    done = alone(EXPORT, wrong)
    assert (done.returncode, done.stdout) == (3, "")
    assert "checkpoint" in done.stderr


def grown(first: int, second: int, events: Sequence[dict[str, Any]]) -> str:
    path = consistency_path(lambda _, start, end: leaves(events)[start:end], first, second)
    proof = {"format": verify.CONSISTENCY, "ledger": LEDGER, "first": first, "second": second}
    return json.dumps({**proof, "path": [each.hex() for each in path]}) + "\n"


def test_growth_is_verified_alone_and_a_fork_is_not(alone: Run) -> None:
    done = alone(grown(4, 10, ten()), note(ten()[:4]), note(ten()))
    assert (done.returncode, done.stdout) == (
        0,
        f"verified: 4 of 10 events are those of before, signed by {KEY.key_id}\n",
    )
    done = alone(grown(4, 10, ten()), note(OTHER[:4]), note(ten()))
    assert (done.returncode, done.stdout.startswith("broken at #4: forked")) == (1, True)
    assert alone(grown(4, 10, ten()), note(ten())).returncode == 3


def test_a_single_event_is_verified_alone(alone: Run) -> None:
    path = inclusion_path(lambda _, start, end: leaves(ten())[start:end], 4, 10)
    first = {"format": verify.CASE, "ledger": LEDGER, "run": None, "count": 1, "checkpoint": note(ten())}
    event = {**ten()[4], "proof": [each.hex() for each in path]}
    lines = "".join(json.dumps(line) + "\n" for line in (first, event))
    done = alone(lines)
    assert (done.returncode, done.stdout) == (0, f"verified: 1 events, signed by {KEY.key_id}\n")
    done = alone(lines, note(OTHER))
    assert (done.returncode, done.stdout.startswith("broken at #0: forked")) == (1, True)
    done = alone(lines.replace('"cents": 500', '"cents": 501'))
    assert (done.returncode, done.stdout.startswith("broken at #5: edited: the payload")) == (1, True)
