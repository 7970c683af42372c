"""Nine ways to doctor an export, each tried on verify.py as it is handed out: found at its place, and named."""

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.ledger import export, verify
from accounts.ledger.signing import new_key_pair, public_pem, sign_note
from accounts.ledger.verification.trees import Frontier
from tests.accounts.ledger_files import KEY, LEDGER, manifest_of, sealed, ten, written
from tests.accounts.test_ledger_verify import Events, Lines, edited, gaps, moved, rehashed, with_line

OTHERS = sealed([*(event["payload"] for event in ten()[:6]), *({"body": f"another {seq}"} for seq in range(7, 11))])


def known(events: Events) -> str:
    """A checkpoint over these events, as a witness keeps it."""
    tree = Frontier()
    for event in events:
        tree.append(bytes.fromhex(event["leaf"]))
    return sign_note(LEDGER, len(events), tree.root(), KEY.private)


def fitted(events: Events) -> Lines:
    """What somebody without the key makes of doctored events: every hash fits, the signature is the old one."""
    old = manifest_of(ten())["signature"]
    made = rehashed([{**event, "seq": place} for place, event in enumerate(events, start=1)])
    return [export.line({**manifest_of(made), "signature": old}), *written(made)[1:]]


WHOLE, SIGNATURE = known(ten()), "broken at #0: hashed again or edited: the signature over ledger, last and head is not"
Doctored = tuple[Lines, list[str], str]
TABLE: dict[str, Doctored] = {
    "edited": (edited(lambda e: e["payload"].update(cents=1)), [], "broken at #5: edited: the payload is not the one"),
    "edited, all hashed again": (fitted([*ten()[:4], {**ten()[4], "kind": "x.y"}, *ten()[5:]]), [], SIGNATURE),
    "deleted": (with_line(5, b""), [], "broken at #5: deleted: the line in its place says #6, it stands nowhere"),
    "deleted, all hashed again": (fitted([*ten()[:4], *ten()[5:]]), [], SIGNATURE),
    "inserted": (with_line(6, written(ten())[5] + written(ten())[6]), [], "broken at #6: inserted: the line in its"),
    "inserted, all hashed again": (fitted([*ten()[:5], ten()[1], *ten()[5:]]), [], SIGNATURE),
    "reordered": (moved(written(ten()), 5, 8), [], "broken at #5: moved: the line in its place says #6, it stands"),
    "reordered, all hashed again": (fitted([*ten()[:4], ten()[5], ten()[4], *ten()[6:]]), [], SIGNATURE),
    "truncated": (written(ten())[:8], [], "broken at #8: truncated: the file ends at #7, the manifest says #10"),
    "truncated, all hashed again": (fitted(ten()[:7]), [], SIGNATURE),
    "truncated by who has the key": (written(ten()[:7]), [WHOLE], "broken at #8: truncated, or an older state shown"),
    "forked by who has the key": (written(OTHERS), [WHOLE], "broken at #10: forked: the first 10 events are not those"),
    "an old checkpoint replayed": (written(OTHERS), [known(OTHERS[:6]), WHOLE], "broken at #10: forked"),
    "an old state replayed": (written(ten()[:6]), [known(ten()[:6]), WHOLE], "broken at #7: truncated, or an older"),
    "filtered with gaps": (gaps({1, 9}, lambda lines: lines.pop(5)), [], "broken at #5: deleted: the line"),
    "filtered, a gap filled": (
        gaps({1, 2, 9}, lambda lines: lines.__setitem__(5, export.line({"seq": 5, "leaf": "0" * 64}))),
        [],
        "broken at #9: prev does not follow from #8: one of the two was edited, inserted or moved",
    ),
    "left out under no filter": (
        with_line(5, export.line({"seq": 5, "leaf": ten()[4]["leaf"]})),
        [],
        "broken at #5: left out, although the manifest names no filter",
    ),
    "wrong key": (written(ten(), key=new_key_pair()), [], "broken at #0: wrong key"),
    "wrong key under the right name": (written(ten(), key=new_key_pair()._replace(key_id=KEY.key_id)), [], SIGNATURE),
    "a checkpoint of the wrong key": (
        written(ten()),
        [sign_note(LEDGER, 10, bytes(32), new_key_pair().private)],
        "broken at #0: the checkpoint of 10 events was not signed with the key",
    ),
}  # fmt: skip
CLEAN: dict[str, tuple[Lines, list[str]]] = {
    "whole": (written(ten()), []),
    "whole, with both checkpoints": (written(ten()), [known(ten()[:6]), WHOLE]),
    "filtered": (written(ten(), {2, 3, 9}), [WHOLE]),
    "filtered to nothing": (written(ten(), set()), [WHOLE]),
    "empty": (written([]), []),
}


def checked(folder: Path, lines: Lines, notes: list[str]) -> tuple[int, str]:
    """Run verify.py with the key and the checkpoints; return its exit code and what it said."""
    (folder / "verify.py").write_text(verify.program())
    (folder / "room.pem").write_text(public_pem(KEY.public))
    (folder / "audit.jsonl").write_bytes(b"".join(lines))
    command = [sys.executable, "-I", "verify.py", "audit.jsonl", "--key", "room.pem"]
    for number, note in enumerate(notes):
        (folder / f"{number}.checkpoint").write_text(note)
        command += ["--checkpoint", f"{number}.checkpoint"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize("name", TABLE)
def test_a_doctored_export_is_found_and_named(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines, notes, said = TABLE[name]
    code, found = checked(tmp_path, lines, notes)
    with capsys.disabled():
        print(f"\n{name:32} exit {code}  {found}", end="")
    assert (code, found[: len(said)]) == (1, said)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_export_verifies(tmp_path: Path, name: str) -> None:
    code, found = checked(tmp_path, *CLEAN[name])
    assert (code, found.split(":")[0]) == (0, "verified")
