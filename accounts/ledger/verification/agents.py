"""Agents' own signatures: the credential of each attempt at a turn, as the event `agent.identified` carries it."""

import base64
from datetime import datetime
from typing import Any

from accounts.ledger.verification.hashing import Broken, canonical, key_id

IDENTIFIED = "agent.identified"


class Signatures:
    """What became of the credentials in a file: how many hold, and how many could not be checked.

    One can be checked where the event shows the agent's public key and `cryptography` is there. That the key is this
    agent's is the word of whoever signed the ledger.
    """

    def __init__(self) -> None:
        self.held = 0
        self.unchecked = 0
        self._owners: dict[str, str] = {}

    def look_at(self, event: dict[str, Any], ledger: object, seq: int) -> None:
        """Check the credential of one event `agent.identified` of this ledger. Raises Broken."""
        payload = event["payload"]
        if payload is None or "public" not in payload or not _available():
            self.unchecked += 1
            return
        try:
            credential, public = payload["credential"], bytes.fromhex(payload["public"])
            wrong = _contradiction(event, credential, ledger, public) or self._owned(credential)
            _verify(public, payload["signature"], credential)
        except Exception as error:
            raise Broken(seq, "forged: the credential is not signed with the key that stands beside it") from error
        if wrong:
            raise Broken(seq, f"forged: the credential is signed, but {wrong}")
        self.held += 1

    def _owned(self, credential: dict[str, Any]) -> str:
        owner = self._owners.setdefault(credential["key"], credential["agent"])
        return "" if owner == credential["agent"] else "the key was another agent's before"


def _contradiction(event: dict[str, Any], credential: dict[str, Any], ledger: object, public: bytes) -> str:
    """Return in what the credential and the event that carries it differ; "" in nothing."""
    said = {
        "actor": (event["actor"], f"agent:{credential['agent']}"),
        "on_behalf_of": (event["on_behalf_of"], f"person:{credential['person']}"),
        "run": (event["run"], credential["run"]),
        "turn": (event["turn"], credential["turn"]),
        "ledger": (ledger, credential["room"]),
        "key": (key_id(public), credential["key"]),
    }
    differing = [name for name, (one, other) in said.items() if one != other]
    if datetime.fromisoformat(event["at"]).timestamp() > credential["expires"]:
        differing.append("time")
    return f"names another {', '.join(differing)} than its event" if differing else ""


def _available() -> bool:
    try:
        import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401
    except ImportError:
        return False
    return True


def _verify(public: bytes, signature: str, credential: dict[str, Any]) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature, validate=True), canonical(credential))
