"""An agent proves who it is: its Ed25519 key signs one short-lived credential for each attempt at a turn.

The signature is verified once an attempt; on every act only the lease, the room's epoch and the clock are compared, and
when the epoch has moved, whether the key still stands.
"""

import base64
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import uuid_utils.compat as uuids
from django.utils import timezone
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from accounts.ledger.record import record
from accounts.ledger.signing import new_key_pair
from accounts.ledger.verify import canonical
from accounts.models import AgentKey, User
from accounts.secrets import open_secret, seal_secret
from accounts.tenancy import after_commit, current_unit

SECONDS = 3_600
MOST_OPENED = 4_096
_opened: dict[UUID, "Held"] = {}


class NotProven(Exception):
    """A credential does not hold; the text says why."""


class Credential(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class Held:
    """A standing key of an agent, opened; it is looked up again when the room's epoch moves."""

    key_id: str
    private: SigningKey
    public: VerifyKey
    epoch: UUID


def prove(agent: User, *, person: User, room: Any, run: UUID, turn: UUID, lease: int, scope: str) -> Credential:
    """Sign a credential with the agent's key, verify it, log it, and return it. Raises NotProven."""
    key = _held(agent, room.epoch)
    credential = Credential(
        agent=str(agent.id), person=str(person.id), organization=str(current_unit().organization_id),
        room=str(room.id), run=str(run), turn=str(turn), lease=lease, scope=scope, epoch=str(room.epoch),
        nonce=uuids.uuid4().hex, expires=int(time.time()) + SECONDS, key=key.key_id,
    )  # fmt: skip
    signed = signed_bytes(credential)
    signature = key.private.sign(signed).signature
    _check(credential, signed, signature, key.public)
    payload = {"credential": credential._asdict(), "signature": base64.b64encode(signature).decode(), "key": key.key_id,
               "public": bytes(key.public).hex()}  # fmt: skip
    record("agent.identified", actor=agent, on_behalf_of=person, ledger=room.id, object=f"turn:{turn}", run=run,
           turn=turn, payload=payload)  # fmt: skip
    return credential


def verify(credential: Credential, signature: bytes) -> None:
    """Raise NotProven unless a standing key of this very agent signed the credential and it is in time."""
    key = AgentKey.objects.filter(key_id=credential.key, user_id=credential.agent).first()
    if key is None or key.revoked_at is not None:
        raise NotProven("The agent's key is unknown or was taken away.")
    _check(credential, signed_bytes(credential), signature, VerifyKey(bytes(key.public)))


def _check(credential: Credential, signed: bytes, signature: bytes, public: VerifyKey) -> None:
    try:
        public.verify(signed, signature)
    except (BadSignatureError, ValueError):
        raise NotProven("The credential was not signed by the agent's key.") from None
    if credential.expires < time.time():
        raise NotProven("The credential has expired.")


def signed_bytes(credential: Credential) -> bytes:
    """Return what is signed: the canonical JSON of the credential."""
    return canonical(credential._asdict())


def rotate_key(agent: User, *, actor: User | None) -> AgentKey:
    """Give the agent a new key; credentials of the old one fall as soon as a room's epoch moves, or expire."""
    _take_keys(agent)
    return _new_key(agent, "agent.key_rotated", actor)


def revoke_keys(agent: User, room: Any, *, actor: User | None) -> None:
    """Take the agent's identity away: no act of it passes any more, in the middle of a turn too."""
    if not AgentKey.objects.filter(user=agent).exists():
        _new_key(agent, "agent.key_created", actor)
    _take_keys(agent)
    room.epoch = uuids.uuid7()
    room.save(update_fields=["epoch"])
    record("agent.revoked", actor=actor, ledger=room.id, object=agent.ledger_name)


def _take_keys(agent: User) -> None:
    """Other processes see it by the epoch, which the database moves with it."""
    AgentKey.objects.filter(user=agent, revoked_at=None).update(revoked_at=timezone.now())
    _opened.pop(agent.id, None)


def _held(agent: User, epoch: UUID) -> Held:
    """The agent's key, opened once an epoch: taking it away or changing it moves the epoch of the agent's room."""
    held = _opened.get(agent.id)
    if held is None or held.epoch != epoch:
        key = _key_of(agent)
        private, public = SigningKey(open_secret(key.private_sealed)), VerifyKey(bytes(key.public))
        if len(_opened) >= MOST_OPENED:
            _opened.clear()
        held = Held(key.key_id, private, public, epoch)
        after_commit(partial(_opened.__setitem__, agent.id, held))  # a new key may still be undone
    return held


def _key_of(agent: User) -> AgentKey:
    key: AgentKey | None = AgentKey.objects.filter(user=agent).order_by("-created_at").first()
    if key is None:
        return _new_key(agent, "agent.key_created", None)
    if key.revoked_at is not None:
        raise NotProven(f"The identity of {agent.name} was taken away.")
    return key


def _new_key(agent: User, event: str, actor: User | None) -> AgentKey:
    pair = new_key_pair()
    made: AgentKey = AgentKey.objects.create(
        organization_id=current_unit().organization_id,
        user=agent,
        key_id=pair.key_id,
        public=pair.public,
        private_sealed=seal_secret(pair.private),
    )
    payload = {"key": pair.key_id, "public": pair.public.hex()}
    record(event, actor=actor, object=agent.ledger_name, payload=payload)
    return made
