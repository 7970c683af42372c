"""An agent proves who it is: its Ed25519 key signs one short-lived credential for each attempt at a turn.

The signature is verified once an attempt; on every act only the lease, the room's epoch and the clock are compared, and
when the epoch has moved, whether the key still stands.
"""

import base64
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import rfc8785
import uuid_utils.compat as uuids
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils import timezone

from accounts.ledger.record import record
from accounts.ledger.signing import new_key_pair
from accounts.models import AgentKey, User
from accounts.secrets import open_secret, seal_secret
from accounts.tenancy import current_unit

SECONDS = 3_600


class NotProven(Exception):
    """A credential does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Who acts, for whom, where, in which attempt at which turn, and for how long (`expires` is a Unix time).

    `scope` is the digest of what the task may touch, `key` the key that signed it.
    """

    agent: str
    person: str
    organization: str
    room: str
    run: str
    turn: str
    lease: int
    scope: str
    epoch: str
    nonce: str
    expires: int
    key: str

    def holds(self, *, turn: UUID, lease: int, epoch: UUID) -> bool:
        """True when this is the credential of exactly this attempt, in time, and its key was not taken away."""
        if (self.turn, self.lease) != (str(turn), lease) or self.expires < time.time():
            return False
        return self.epoch == str(epoch) or AgentKey.objects.filter(key_id=self.key, revoked_at=None).exists()


def prove(agent: User, *, person: User, room: Any, run: UUID, turn: UUID, lease: int, scope: str) -> Credential:
    """Sign a credential with the agent's key, verify it, log it, and return it. Raises NotProven."""
    key = _key_of(agent)
    credential = Credential(
        agent=str(agent.id), person=str(person.id), organization=str(current_unit().organization_id),
        room=str(room.id), run=str(run), turn=str(turn), lease=lease, scope=scope, epoch=str(room.epoch),
        nonce=uuids.uuid4().hex, expires=int(time.time()) + SECONDS, key=key.key_id,
    )  # fmt: skip
    private = Ed25519PrivateKey.from_private_bytes(open_secret(key.private_sealed))
    signature = private.sign(signed_bytes(credential))
    verify(credential, signature)
    payload = {"credential": asdict(credential), "signature": base64.b64encode(signature).decode(), "key": key.key_id,
               "public": bytes(key.public).hex()}  # fmt: skip
    record("agent.identified", actor=agent, on_behalf_of=person, ledger=room.id, object=f"turn:{turn}", run=run,
           turn=turn, payload=payload)  # fmt: skip
    return credential


def verify(credential: Credential, signature: bytes) -> None:
    """Raise NotProven unless a standing key of this very agent signed the credential and it is in time."""
    key = AgentKey.objects.filter(key_id=credential.key, user_id=credential.agent).first()
    if key is None or key.revoked_at is not None:
        raise NotProven("The agent's key is unknown or was taken away.")
    try:
        Ed25519PublicKey.from_public_bytes(bytes(key.public)).verify(signature, signed_bytes(credential))
    except InvalidSignature:
        raise NotProven("The credential was not signed by the agent's key.") from None
    if credential.expires < time.time():
        raise NotProven("The credential has expired.")


def signed_bytes(credential: Credential) -> bytes:
    """Return what is signed: the canonical JSON of the credential."""
    return rfc8785.dumps(asdict(credential))


def rotate_key(agent: User, *, actor: User | None) -> AgentKey:
    """Give the agent a new key; credentials of the old one fall as soon as a room's epoch moves, or expire."""
    AgentKey.objects.filter(user=agent, revoked_at=None).update(revoked_at=timezone.now())
    key = _new_key(agent)
    record("agent.key_rotated", actor=actor, object=agent.ledger_name, payload={"key": key.key_id})
    return key


def revoke_keys(agent: User, room: Any, *, actor: User | None) -> None:
    """Take the agent's identity away: no act of it passes any more, in the middle of a turn too."""
    if not AgentKey.objects.filter(user=agent).exists():
        _new_key(agent)
    AgentKey.objects.filter(user=agent, revoked_at=None).update(revoked_at=timezone.now())
    room.epoch = uuids.uuid7()
    room.save(update_fields=["epoch"])
    record("agent.revoked", actor=actor, ledger=room.id, object=agent.ledger_name)


def _key_of(agent: User) -> AgentKey:
    key: AgentKey | None = AgentKey.objects.filter(user=agent).order_by("-created_at").first()
    if key is None:
        return _new_key(agent)
    if key.revoked_at is not None:
        raise NotProven(f"The identity of {agent.name} was taken away.")
    return key


def _new_key(agent: User) -> AgentKey:
    pair = new_key_pair()
    made: AgentKey = AgentKey.objects.create(
        organization_id=current_unit().organization_id,
        user=agent,
        key_id=pair.key_id,
        public=pair.public,
        private_sealed=seal_secret(pair.private),
    )
    return made
