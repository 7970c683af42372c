"""Ed25519 keys, and the signatures over the head of a ledger and over its tree."""

import base64
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.ledger.verify import ORIGIN, canonical, key_id, note_key_id


class KeyPair(NamedTuple):
    """A new signing key: its name, and both halves as 32 raw bytes."""

    key_id: str
    public: bytes
    private: bytes


def new_key_pair() -> KeyPair:
    """Make an Ed25519 key. Seal the private half before it is stored."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return KeyPair(key_id(public), public, private.private_bytes_raw())


def public_pem(public: bytes) -> str:
    """Return a 32-byte public key as PEM text, the form `verify.py --key` takes."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign_head(private: bytes, ledger: str, last: int, head: bytes) -> bytes:
    """Sign JCS({"ledger", "last", "head"}): `last` events of `ledger` end in `head`. Return the 64-byte signature."""
    signed = canonical({"ledger": ledger, "last": last, "head": head.hex()})
    return Ed25519PrivateKey.from_private_bytes(private).sign(signed)


def sign_note(ledger: str, size: int, root: bytes, private: bytes) -> str:
    """Return a checkpoint (c2sp.org/tlog-checkpoint) signed with the Ed25519 key `private` in the ledger's name."""
    name = ORIGIN + ledger
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    key = Ed25519PrivateKey.from_private_bytes(private)
    signature = note_key_id(name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"
