"""Proofs without the whole ledger: single events in the tree of a checkpoint, and one checkpoint grown from another."""

import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from accounts.ledger.verification.agents import IDENTIFIED, Signatures
from accounts.ledger.verification.exports import check_checkpoints
from accounts.ledger.verification.hashing import (
    APART,
    HASHED,
    LONGEST_LINE,
    Broken,
    check_leaf,
    digest,
    read_object,
)
from accounts.ledger.verification.notes import Checkpoint, read_checkpoint
from accounts.ledger.verification.trees import consistent_roots, included_root

CASE = "workroom-case/1"
CONSISTENCY = "workroom-consistency/1"


def check_case(
    case: BinaryIO, key: bytes | None, checkpoints: Sequence[Checkpoint] = (), signatures: Signatures | None = None
) -> tuple[int, int, int]:
    """Check events that carry their proofs against the checkpoint in the first line; return how many events there are,
    how many of these are erased, and how many the ledger had besides. Raises Broken."""
    first = read_object(case.readline(LONGEST_LINE + 1), 0)
    if first.keys() != {"format", "ledger", "run", "count", "checkpoint"} or first["format"] != CASE:
        raise Broken(0, f"the first line is not that of a {CASE} file")
    try:
        own = read_checkpoint(first["checkpoint"])
    except (ValueError, AttributeError, TypeError) as error:
        raise Broken(0, f"edited: {error}") from None
    check_checkpoints([own, *checkpoints], first["ledger"], key)
    if any(other.size == own.size and other.root != own.root for other in checkpoints):
        raise Broken(0, f"forked: the checkpoint given has another root for the same {own.size} events")
    seq, count, erased = 0, 0, 0
    for raw in iter(lambda: case.readline(LONGEST_LINE + 1), b""):
        event = read_object(raw, seq + 1)
        seq, count = _check_included(event, seq, own), count + 1
        erased += event["payload"] is None
        if signatures and event["kind"] == IDENTIFIED:
            signatures.look_at(event, first["ledger"], seq)
    if count != first["count"]:
        raise Broken(0, f"edited: the first line counts {first['count']!s:.20} events, the file has {count}")
    return count, erased, own.size - count


def _check_included(event: dict[str, Any], before: int, checkpoint: Checkpoint) -> int:
    seq = event.get("seq")
    if event.keys() != {*HASHED, *APART, "proof"} or type(seq) is not int:
        raise Broken(before + 1, "edited: not an event with its proof")
    if not before < seq <= checkpoint.size:
        raise Broken(before + 1, f"moved or edited: the next line says #{seq}, the checkpoint knows {checkpoint.size}")
    path = _hashes(event.pop("proof"), seq)
    leaf = check_leaf(event, seq)
    digest(event, "prev", seq)
    if included_root(leaf, seq - 1, checkpoint.size, path) != checkpoint.root:
        raise Broken(seq, "edited: its proof does not lead to the root of the checkpoint")
    return seq


def check_consistency(
    proof: BinaryIO, key: bytes | None, checkpoints: Sequence[Checkpoint], signatures: Signatures | None = None
) -> tuple[int, int, int]:
    """Check that the newer of two checkpoints only added to the older; return (their sizes, the older first; 0)."""
    found = read_object(proof.readline(LONGEST_LINE + 1), 0)
    if found.keys() != {"format", "ledger", "first", "second", "path"} or found["format"] != CONSISTENCY:
        raise Broken(0, f"not a {CONSISTENCY} file")
    if len(checkpoints) != 2:
        raise ValueError("a consistency proof needs both checkpoints: --checkpoint OLDER --checkpoint NEWER")
    check_checkpoints(checkpoints, found["ledger"], key)
    older, newer = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
    if (found["first"], found["second"]) != (older.size, newer.size):
        raise Broken(0, f"the proof is of other sizes than the checkpoints, {older.size} and {newer.size}")
    roots = consistent_roots(older.size, newer.size, older.root, _hashes(found["path"], 0))
    if roots != (older.root, newer.root):
        raise Broken(older.size, "forked: the newer checkpoint does not contain the events of the older one")
    return older.size, newer.size, 0


def _hashes(listed: object, seq: int) -> list[bytes]:
    whole = isinstance(listed, list) and all(isinstance(each, str) for each in listed)
    if not whole or not all(re.fullmatch("[0-9a-f]{64}", each) for each in listed):  # type: ignore[attr-defined]
        raise Broken(seq, "edited: a proof is not a list of hashes in lowercase hex")
    return [bytes.fromhex(each) for each in listed]  # type: ignore[attr-defined]
