"""Checkpoints: signed notes that say how many events a ledger had and what their tree's root was (C2SP)."""

import base64
import hashlib
import re
from typing import NamedTuple

ORIGIN = "workroom/"
LONGEST_NOTE = 64 * 2**10
ED25519 = b"\x01"


class Checkpoint(NamedTuple):
    """A checkpoint that was read: the ledger it is of, its size and root, the text and the lines that sign it."""

    ledger: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes], ...]


def read_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint (c2sp.org/tlog-checkpoint). Raises ValueError."""
    body, _, signed = note.rpartition("\n\n")
    lines = body.split("\n")
    signatures = [re.fullmatch("— ([^ +]+) ([A-Za-z0-9+/]+={0,2})", line) for line in signed.split("\n")[:-1]]
    if len(note) > LONGEST_NOTE or not (note.endswith("\n") and signatures and all(signatures)):
        raise ValueError("the checkpoint is not a note with signature lines at its end, as it was written")
    if len(lines) < 3 or not lines[0].startswith(ORIGIN) or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
        raise ValueError(f"the checkpoint does not begin with {ORIGIN}… and a number of events")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2]:
        raise ValueError("the third line of the checkpoint is not the root of a tree, 32 bytes in base64")
    found = tuple((line[1], base64.b64decode(line[2])) for line in signatures if line)
    return Checkpoint(lines[0].removeprefix(ORIGIN), int(lines[1]), root, body + "\n", found)


def note_key_id(name: str, public: bytes) -> bytes:
    """Name an Ed25519 key in a note: four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ public key)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def signed_by(checkpoint: Checkpoint, public: bytes) -> bool:
    """Whether the checkpoint carries a signature of this key under its own name, which is its origin."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name = ORIGIN + checkpoint.ledger
    wanted = note_key_id(name, public)
    for signer, signature in checkpoint.signatures:
        if signer == name and signature[:4] == wanted:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], checkpoint.text.encode())
            except InvalidSignature:
                return False
            return True
    return False
