"""Checks what Workroom exports offline: hashes with the standard library, signatures through `cryptography`.

Takes an audit export, the case file of a run, or a consistency proof between two checkpoints. Exit 0 verified with KEY
· 2 chain intact, signer not checked (no KEY) · 1 broken, naming the first line that departs from the chain (#0 is the
manifest) · 3 could not check. What was not checked is said on standard error.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from accounts.ledger.verification.agents import Signatures
from accounts.ledger.verification.cases import CASE, CONSISTENCY, check_case, check_consistency
from accounts.ledger.verification.exports import check
from accounts.ledger.verification.hashing import LONGEST_LINE, Broken, key_id
from accounts.ledger.verification.notes import LONGEST_NOTE, Checkpoint, read_checkpoint

CHECKS: dict[str, Callable[[BinaryIO, bytes | None, Sequence[Checkpoint], Signatures], tuple[int, int, int]]] = {
    CASE: check_case,
    CONSISTENCY: check_consistency,
}
UNCHECKED = {
    CASE: "{1} payloads erased, the {2} other events of the ledger, whether some of them belong to this case",
    CONSISTENCY: "the events themselves",
}
UNCHECKED_EXPORT = "{1} payloads erased, {2} events left out, what came after, the filter's honesty"


def load_key(key: str) -> bytes:
    """Return the Ed25519 public key in PEM text or a PEM file. Raises OSError, ValueError, ImportError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    loaded = load_pem_public_key(key.encode() if key.startswith("-----") else Path(key).read_bytes())
    if not isinstance(loaded, Ed25519PublicKey):
        raise ValueError("--key is a public key of another kind than Ed25519")
    return loaded.public_bytes_raw()


def load_checkpoint(path: str) -> Checkpoint:
    """Return the checkpoint in a file. Raises OSError, ValueError."""
    with Path(path).open("rb") as file:
        return read_checkpoint(file.read(LONGEST_NOTE + 1).decode())


def run(
    path: str,
    key: str | None,
    out: Callable[[str], object],
    err: Callable[[str], object],
    checkpoints: Sequence[str] = (),
) -> int:
    """Check the file at `path` with the checkpoints in those files; print the result by `out`, what was not checked by
    `err`; return the exit code."""
    try:
        public = load_key(key) if key else None
        known = [load_checkpoint(each) for each in checkpoints]
        kind, signatures = _kind(path), Signatures()
        with Path(path).open("rb") as file:
            counts = CHECKS.get(kind, check)(file, public, known, signatures)
    except Broken as broken:
        out(str(broken))
        return 1
    except (OSError, ValueError, ImportError) as error:
        err(f"could not check: {error}")
        return 3
    signer = f"signed by {key_id(public)}" if public else "signer NOT checked"
    what = f"{counts[0]} of {counts[1]} events are those of before" if kind == CONSISTENCY else f"{counts[0]} events"
    out(f"{'verified' if public else 'chain intact'}: {what}, {signer}")
    for each in known:
        err(f"Holds the checkpoint of {each.size} events.")
    if signatures.held:
        err(f"Agents' own signatures: {signatures.held} hold, with the keys that the ledger names.")
    missing = "" if known else ", forks and earlier states (no checkpoint was given)"
    if signatures.unchecked:
        missing += f", {signatures.unchecked} agents' signatures"
    err(f"Not checked: {UNCHECKED.get(kind, UNCHECKED_EXPORT).format(*counts)}{missing}.")
    return 0 if public else 2


def _kind(path: str) -> str:
    with Path(path).open("rb") as file:
        try:
            first = json.loads(file.readline(LONGEST_LINE))
        except (ValueError, RecursionError):
            return ""
    return str(first.get("format")) if isinstance(first, dict) else ""


def main() -> int:
    """Read the command line, check, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="an audit export in JSON Lines, a case file, a consistency proof")
    parser.add_argument("--key", help="the public key, from elsewhere than the file: a PEM file or its text")
    help = "an earlier checkpoint, from a witness; may be given several times"
    parser.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help=help)
    given = parser.parse_args()
    return run(given.file, given.key, print, lambda text: print(text, file=sys.stderr), given.checkpoint)
