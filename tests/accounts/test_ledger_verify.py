"""verify.py: every kind of doctored export is found and named, and what was not checked is said."""

import hashlib
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.ledger import chain, export, verify
from accounts.ledger.signing import new_key_pair, public_pem
from tests.accounts.ledger_files import KEY, LEDGER, broken, manifest_of, sealed, ten, written

Events = list[dict[str, Any]]
Lines = list[bytes]


def edited(change: Callable[[dict[str, Any]], Any]) -> Lines:
    """An export whose #5 was changed after sealing, and nothing else."""
    events = ten()
    change(events[4])
    return written(events)


def rehashed(events: Events) -> Events:
    """The same events with leaf, prev and hash made to fit: what a forger without the key can do."""
    prev = chain.FIRST_PREV
    for event in events:
        fields = {name: value for name, value in event.items() if name not in verify.APART}
        leaf = verify.sha256_of(b"\0", fields, 0)
        head = hashlib.sha256(b"\1" + prev + leaf).digest()
        event.update(prev=prev.hex(), leaf=leaf.hex(), hash=head.hex())
        prev = head
    return events


def manifest_edited(**changes: Any) -> Lines:
    events = ten()
    return [export.line({**manifest_of(events), **changes}), *written(events)[1:]]


def with_line(place: int, line: bytes) -> Lines:
    lines = written(ten())
    lines[place] = line
    return lines


def moved(lines: Lines, source: int, target: int) -> Lines:
    lines.insert(target, lines.pop(source))
    return lines


def forged_insertion() -> Lines:
    """A new #5 that fits its predecessor, the old #5 and all after it renumbered but not hashed again."""
    events = ten()
    forged = sealed([*(event["payload"] for event in events[:4]), {"body": "forged"}])[4]
    later = [{**event, "seq": event["seq"] + 1} for event in events[4:]]
    return written(rehashed([*events[:4], forged]) + later)


def gaps(kept: set[int], change: Callable[[Lines], Any]) -> Lines:
    lines = written(ten(), kept)
    change(lines)
    return lines


FIVE = written(ten())[5]
DOCTORED: dict[str, tuple[Lines, int, str]] = {
    "payload edited": (edited(lambda e: e["payload"].update(cents=1)), 5, "edited: the payload"),
    "payload moved to another event": (edited(lambda e: e.update(payload={})), 5, "edited: the payload"),
    "actor edited": (edited(lambda e: e.update(actor="person:mallory")), 5, "edited: a field outside the payload"),
    "field added": (
        with_line(5, FIVE.replace(b'{"seq"', b'{"note":"x","seq"')),
        5,
        "edited: a field outside the payload",
    ),
    "field removed": (with_line(5, FIVE.replace(b'"decision":null,', b"")), 5, "edited: it has no decision"),
    "only the payload erased": (edited(lambda e: e.update(payload=None)), 5, "edited: payload and salt"),
    "only the salt erased": (edited(lambda e: e.update(salt=None)), 5, "edited: payload and salt"),
    "salt in uppercase": (edited(lambda e: e.update(salt="AB" * 16)), 5, "edited: payload and salt"),
    "leaf edited": (edited(lambda e: e.update(leaf="0" * 64)), 5, "edited: a field outside the payload"),
    "prev edited": (edited(lambda e: e.update(prev="0" * 64)), 5, "prev does not follow from #4"),
    "hash edited": (edited(lambda e: e.update(hash="0" * 64)), 5, "edited: its hash"),
    "hash not hex": (edited(lambda e: e.update(hash="zz")), 5, "edited: hash is not 64"),
    "hash not text": (edited(lambda e: e.update(payload_hash=7)), 5, "edited: payload_hash is not 64"),
    "renumbered": (edited(lambda e: e.update(seq=50)), 5, "edited: its number, the line in its place says #50"),
    "number true": (edited(lambda e: e.update(seq=True)), 5, "edited: its number, the line in its place says #True"),
    "deleted": (with_line(5, b""), 5, "deleted: the line in its place says #6, it stands nowhere"),
    "deleted, the rest renumbered": (
        written([*ten()[:4], *({**event, "seq": event["seq"] - 1} for event in ten()[5:])]),
        5,
        "edited: a field",
    ),
    "repeated": (with_line(6, FIVE + written(ten())[6]), 6, "inserted: the line in its place says #5 once more"),
    "inserted, the rest renumbered": (forged_insertion(), 6, "edited: a field"),
    "two swapped": (moved(written(ten()), 6, 5), 5, "moved: the line in its place says #6, it stands further down"),
    "moved to the end": (
        moved(written(ten()), 5, 10),
        5,
        "moved: the line in its place says #6, it stands further down",
    ),
    "truncated": (written(ten())[:8], 8, "truncated: the file ends at #7, the manifest says #10"),
    "cut inside a line": ([*written(ten())[:10], written(ten())[10][:-40]], 10, "edited, cut or added to"),
    "added at the end": ([*written(ten()), b"{}\n"], 11, "added: the manifest says that #10 is the last"),
    "manifest missing": (written(ten())[1:], 0, "not a workroom-audit/1 manifest"),
    "empty file": ([], 0, "not one JSON object"),
    "byte order mark": (with_line(0, b"\xef\xbb\xbf" + written(ten())[0]), 0, "not one JSON object"),
    "carriage return": (with_line(5, FIVE[:-1] + b"\r\n"), 5, "not one JSON object alone"),
    "empty line": (with_line(5, b"\n" + FIVE), 5, "not one JSON object"),
    "garbage after an event": (with_line(5, FIVE[:-1] + b' {"x":1}\n'), 5, "Extra data"),
    "not UTF-8": (with_line(5, FIVE.replace("“".encode(), b"\xff\xff\xff")), 5, "not the JSON of a ledger"),
    "a key twice": (with_line(5, FIVE.replace(b'"kind"', b'"actor":"x","kind"')), 5, "a key stands twice"),
    "a key twice inside the payload": (with_line(5, FIVE.replace(b'"cents"', b'"cents":1,"cents"')), 5, "stands twice"),
    "NaN": (with_line(5, FIVE.replace(b'"cents":500', b'"cents":NaN')), 5, "no ledger holds"),
    "Infinity": (with_line(5, FIVE.replace(b'"cents":500', b'"cents":-Infinity')), 5, "no ledger holds"),
    "a fraction": (with_line(5, FIVE.replace(b'"cents":500', b'"cents":500.0')), 5, "the payload"),
    "5,000 digits": (with_line(5, FIVE.replace(b'"cents":500', b'"cents":' + b"5" * 5000)), 5, "not the JSON"),
    "half a surrogate pair": (with_line(5, FIVE.replace(b"Nr.", b"\\ud800")), 5, "no ledger holds"),
    "nested for ever": (with_line(5, b'{"seq":' + b"[" * 90000 + b"]" * 90000 + b"}\n"), 5, "recursion|nested"),
    "a huge line": (with_line(5, FIVE[:-2] + b" " * (verify.LONGEST_LINE + 1) + b"}\n"), 5, "a line longer than"),
    "left out without a filter": (
        with_line(5, export.line({"seq": 5, "leaf": ten()[4]["leaf"]})),
        5,
        "left out, although the manifest names no filter",
    ),
    "a leaf edited between shown events": (
        gaps({1, 2, 9}, lambda lines: lines.__setitem__(5, export.line({"seq": 5, "leaf": "0" * 64}))),
        9,
        "prev does not follow from #8",
    ),
    "a leaf edited at the end": (
        gaps({1}, lambda lines: lines.__setitem__(10, export.line({"seq": 10, "leaf": "0" * 64}))),
        10,
        "ends in another head",
    ),
    "a leaf not hex": (gaps({1}, lambda lines: lines.__setitem__(5, b'{"seq":5,"leaf":"x"}\n')), 5, "leaf is not 64"),
    "a leaf dropped": (gaps({1, 9}, lambda lines: lines.pop(5)), 5, "deleted: the line in its place says #6"),
    "manifest: another format": (manifest_edited(format="workroom-audit/2"), 0, "not a workroom-audit/1"),
    "manifest: a key more": (manifest_edited(note=""), 0, "with exactly"),
    "manifest: first": (manifest_edited(first=2), 0, "manifest edited: count, first and last"),
    "manifest: last is text": (manifest_edited(last="10"), 0, "manifest edited: count, first and last"),
    "manifest: count": (manifest_edited(count=9), 0, "it counts 9 events, the file shows 10"),
    "manifest: fewer": (manifest_edited(last=9), 10, "added: the manifest says that #9"),
    "manifest: head": (manifest_edited(head="0" * 64), 10, "ends in another head"),
    "manifest: head not hex": (manifest_edited(head=None), 10, "ends in another head"),
}


@pytest.mark.parametrize("name", DOCTORED)
def test_a_doctored_export_is_found_without_any_key(name: str) -> None:
    lines, seq, reason = DOCTORED[name]
    found = broken(lines)
    assert found is not None
    assert found.seq == seq
    with pytest.raises(verify.Broken, match=f"^broken at #{seq}: .*(?:{reason})"):
        raise found


ELSE = new_key_pair()
FORGED = rehashed([{**event, "kind": "message.deleted"} for event in ten()])
ONLY_WITH_KEY: dict[str, tuple[Lines, str]] = {
    "all hashed again, the old signature kept": (
        [
            export.line({**manifest_of(FORGED), "signature": manifest_of(ten())["signature"]}),
            *written(FORGED)[1:],
        ],
        "the signature over ledger, last and head is not",
    ),
    "truncated together with its manifest": (
        [
            export.line({**manifest_of(ten()[:7]), "signature": manifest_of(ten())["signature"]}),
            *written(ten()[:7])[1:],
        ],
        "the signature",
    ),
    "signed with another key": (written(ten(), key=ELSE), "wrong key"),
    "signed with another key under the right name": (
        written(ten(), key=ELSE._replace(key_id=KEY.key_id)),
        "the signature",
    ),
    "another ledger": (manifest_edited(ledger=LEDGER[:-1] + "b"), "the signature"),
    "ledger not Unicode": (with_line(0, written(ten())[0].replace(LEDGER.encode(), b"\\ud800")), "the signature"),
    "no signature": (manifest_edited(signature=None), "the signature"),
    "signature not base64": (manifest_edited(signature="~"), "the signature"),
}


@pytest.mark.parametrize("name", ONLY_WITH_KEY)
def test_what_fits_together_but_was_not_signed_is_found_with_the_key(name: str) -> None:
    lines, reason = ONLY_WITH_KEY[name]
    assert broken(lines) is None
    with pytest.raises(verify.Broken, match=f"^broken at #0: .*{reason}"):
        raise broken(lines, KEY.public) or AssertionError("not found")


def test_spare_bits_of_the_signature_cannot_hide_a_change() -> None:
    signature = manifest_of(ten())["signature"]
    other = signature[:-3] + chr(ord(signature[-3]) + 1) + "=="
    assert broken(manifest_edited(signature=other), KEY.public) is not None


@pytest.mark.parametrize("kept", [None, set(), {1}, {10}, {2, 3, 7}, set(range(1, 11))])
def test_an_honest_export_holds_whatever_its_filter_left_out(kept: set[int] | None) -> None:
    assert broken(written(ten(), kept), KEY.public) is None


def test_an_erased_event_has_lost_only_payload_and_salt() -> None:
    events = ten()
    events[4].update(payload=None, salt=None)
    assert broken(written(events), KEY.public) is None


@pytest.mark.parametrize("count", [0, 1])
def test_the_smallest_ledgers_hold(count: int) -> None:
    assert broken(written(sealed([{}] * count)), KEY.public) is None


def test_a_file_that_other_tools_wrote_again_with_the_same_values_holds() -> None:
    again = [json.dumps(json.loads(line), sort_keys=True).encode() + b"\n" for line in written(ten())]
    again[-1] = again[-1].removesuffix(b"\n")
    assert broken(again, KEY.public) is None


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a copy of verify.py where nothing of Workroom can be imported; writes the export and the key beside it."""
    (tmp_path / "verify.py").write_text(verify.program())
    (tmp_path / "audit.jsonl").write_bytes(b"".join(written(ten(), {1, 2, 3})))
    (tmp_path / "room.pem").write_text(public_pem(KEY.public))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return run


def test_alone_with_the_key(alone: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = alone("audit.jsonl", "--key", "room.pem")
    assert (done.returncode, done.stdout) == (0, f"verified: 3 events, signed by {KEY.key_id}\n")
    assert "Not checked: 0 payloads erased, 7 events left out" in done.stderr
    assert alone("audit.jsonl", "--key", public_pem(KEY.public)).returncode == 0


def test_alone_without_a_key(alone: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = alone("audit.jsonl")
    assert (done.returncode, done.stdout) == (2, "chain intact: 3 events, signer NOT checked\n")


def test_alone_with_a_broken_file(alone: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_bytes(b"".join(DOCTORED["deleted"][0]))
    done = alone("audit.jsonl", "--key", "room.pem")
    assert done.returncode == 1
    assert done.stdout == "broken at #5: deleted: the line in its place says #6, it stands nowhere in the file\n"


@pytest.mark.parametrize(
    "arguments", [["none.jsonl"], ["audit.jsonl", "--key", "none.pem"], ["audit.jsonl", "--key", "verify.py"]]
)
def test_alone_with_nothing_to_check(
    alone: Callable[..., subprocess.CompletedProcess[str]], arguments: list[str]
) -> None:
    done = alone(*arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("could not check: ")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (200, 2000):
        path = tmp_path / f"{count}.jsonl"
        path.write_bytes(b"".join(written(sealed({"body": "x" * 500} for _ in range(count)))))
        with path.open("rb") as file:
            tracemalloc.start()
            verify.check(file, KEY.public)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000
