"""Audit exports: a whole chain, line by line, against its manifest, its signature and earlier checkpoints."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, BinaryIO

from accounts.ledger.verification.agents import IDENTIFIED, Signatures
from accounts.ledger.verification.hashing import (
    APART,
    FIRST_PREV,
    HASHED,
    LONGEST_LINE,
    Broken,
    canonical,
    check_event,
    digest,
    key_id,
    read_object,
)
from accounts.ledger.verification.notes import Checkpoint, signed_by
from accounts.ledger.verification.trees import Frontier

FORMAT = "workroom-audit/1"
WHOLE = {*HASHED, *APART}
MANIFEST = ("format", "ledger", "room", "filter", "count", "first", "last", "head", "signature", "key_id")


def check(
    export: BinaryIO, key: bytes | None, checkpoints: Sequence[Checkpoint] = (), signatures: Signatures | None = None
) -> tuple[int, int, int]:
    """Check a whole export line by line; return how many events are shown, erased of these, left out. Raises Broken.

    `signatures` looks at agents' own signatures as well, and counts them.
    """
    manifest = _manifest(read_object(export.readline(LONGEST_LINE + 1), 0))
    check_checkpoints(checkpoints, manifest["ledger"], key)
    seq, events, erased, head = 0, 0, 0, FIRST_PREV
    tree, wanted = Frontier(), sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
    for seq, raw in enumerate(iter(lambda: export.readline(LONGEST_LINE + 1), b""), start=1):
        line = _line(raw, seq, manifest)
        if type(line["seq"]) is not int or line["seq"] != seq:
            raise Broken(seq, _misplaced(line["seq"], seq, export))
        if len(line) == 2:
            head = hashlib.sha256(b"\1" + head + digest(line, "leaf", seq)).digest()
        else:
            head = check_event(line, seq, head)
            events, erased = events + 1, erased + (line["payload"] is None)
            if signatures and line["kind"] == IDENTIFIED:
                signatures.look_at(line, manifest["ledger"], seq)
        if wanted:
            if wanted[0].size == tree.size:
                wanted = _held(wanted, tree)
            tree.append(bytes.fromhex(line["leaf"]))
    _close(manifest, seq, head, events)
    if left := _held(wanted, tree):
        known = f"the checkpoint knows {left[0].size} events, the file ends at #{seq}"
        raise Broken(seq + 1, f"truncated, or an older state shown again: {known}")
    if key:
        _signature(manifest, key)
    return events, erased, seq - events


def check_checkpoints(checkpoints: Sequence[Checkpoint], ledger: str, key: bytes | None) -> None:
    """Check that the checkpoints are of this ledger and signed by the key, if there is one. Raises Broken."""
    for checkpoint in checkpoints:
        if checkpoint.ledger != ledger:
            raise Broken(0, f"another ledger: the checkpoint is of {checkpoint.ledger:.60}, the file of {ledger!s:.60}")
        if key and not signed_by(checkpoint, key):
            raise Broken(0, f"the checkpoint of {checkpoint.size} events was not signed with the key {key_id(key)}")


def _held(wanted: list[Checkpoint], tree: Frontier) -> list[Checkpoint]:
    """Compare the checkpoints of the tree's size with its root; return those of larger trees. Raises Broken."""
    while wanted and wanted[0].size == tree.size:
        if wanted[0].root != tree.root():
            raise Broken(tree.size, f"forked: the first {tree.size} events are not those that the checkpoint knows")
        wanted = wanted[1:]
    return wanted


def _line(raw: bytes, seq: int, manifest: dict[str, Any]) -> dict[str, Any]:
    if seq > manifest["last"]:
        raise Broken(seq, f"added: the manifest says that #{manifest['last']} is the last")
    line = read_object(raw, seq)
    left_out = line.keys() == {"seq", "leaf"}
    if not (left_out or line.keys() >= WHOLE):
        raise Broken(seq, f"edited: it has no {', '.join(name for name in (*HASHED, *APART) if name not in line)}")
    if left_out and not manifest["filter"]:
        raise Broken(seq, "left out, although the manifest names no filter")
    return line


def _misplaced(found: object, seq: int, rest: BinaryIO) -> str:
    """Say what was done where a line says another number than its place has, by the numbers of the lines after it."""
    says = f"the line in its place says #{found!s:.20}"
    after = iter(lambda: _number(rest.readline(LONGEST_LINE + 1)), 0)
    following = next(after, None)
    if type(found) is not int or following == seq + 1:
        return f"edited: its number, {says}"
    if found < seq:
        return f"inserted: {says} once more"
    if following == seq or seq in after:
        return f"moved: {says}, it stands further down"
    return f"deleted: {says}, it stands nowhere in the file"


def _number(raw: bytes) -> int:
    """Return the number that a line says, 0 at the end of the file and -1 where it says none."""
    if not raw:
        return 0
    try:
        line = read_object(raw, 0)
    except Broken:
        return -1
    return line["seq"] if type(line.get("seq")) is int and line["seq"] else -1


def _manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    if manifest.get("format") != FORMAT or manifest.keys() != set(MANIFEST):
        raise Broken(0, f"the first line is not a {FORMAT} manifest with exactly {', '.join(MANIFEST)}")
    if any(type(manifest[name]) is not int for name in ("count", "first", "last")) or manifest["first"] != 1:
        raise Broken(0, "manifest edited: count, first and last are not whole numbers from #1")
    return manifest


def _close(manifest: dict[str, Any], last: int, head: bytes, events: int) -> None:
    if last < manifest["last"]:
        raise Broken(last + 1, f"truncated: the file ends at #{last}, the manifest says #{manifest['last']}")
    if head.hex() != manifest["head"]:
        raise Broken(last, "the chain ends in another head than the manifest's: one of the two was edited")
    if events != manifest["count"]:
        raise Broken(0, f"manifest edited: it counts {manifest['count']} events, the file shows {events}")


def _signature(manifest: dict[str, Any], key: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if manifest["key_id"] != key_id(key):
        raise Broken(0, f"wrong key: the manifest says {manifest['key_id']!s:.40}, the key given is {key_id(key)}")
    try:
        signed = canonical({name: manifest[name] for name in ("ledger", "last", "head")})
        signature = base64.b64decode(manifest["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except Exception as error:
        raise Broken(
            0, f"hashed again or edited: the signature over ledger, last and head is not {key_id(key)}'s"
        ) from error
    if base64.b64encode(signature).decode() != manifest["signature"]:
        raise Broken(0, "manifest edited: the signature is not in plain base64")
