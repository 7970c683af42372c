"""The chain of a ledger: how one event is hashed onto the one before."""

import hashlib
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from secrets import token_bytes
from typing import Any, NamedTuple

from accounts.ledger.verify import FIRST_PREV, HASHED, canonical

__all__ = ["FIRST_PREV", "Prepared", "Sealed", "Unrecordable", "prepare", "seal"]

LARGEST_PAYLOAD = 2**20
DEEPEST_PAYLOAD = 64
SALT_BYTES = 16
SAFE_INTEGER = 2**53 - 1
FIELDS = tuple(name for name in HASHED if name not in ("seq", "payload_hash"))
NAMES = frozenset({*FIELDS, "payload"})
NULLABLE = {"on_behalf_of", "object", "run", "turn", "decision"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Unrecordable(ValueError):
    """An event holds something that could not be hashed and read back the same; the message says where."""


class Prepared(NamedTuple):
    """An event that waits for its number: its canonical payload, and `before ‖ seq ‖ after` is what its leaf hashes."""

    payload: str
    salt: bytes
    payload_hash: bytes
    before: bytes
    after: bytes


class Sealed(NamedTuple):
    """What the chain adds to an event, as raw bytes."""

    salt: bytes
    payload_hash: bytes
    leaf: bytes
    hash: bytes


def prepare(event: Mapping[str, Any]) -> Prepared:
    """Hash the payload of `event` (at, actor, on_behalf_of, kind, object, run, turn, decision, payload).

    `payload_hash = SHA-256(salt ‖ JCS(payload))`. The payload is what `plain` made. Raises Unrecordable.
    """
    _check_fields(event)
    payload = canonical(event["payload"])
    if len(payload) > LARGEST_PAYLOAD:
        raise Unrecordable(f"payload: {len(payload)} bytes, at most {LARGEST_PAYLOAD}; record a digest instead.")
    salt = token_bytes(SALT_BYTES)
    payload_hash = hashlib.sha256(salt + payload).digest()
    before = (
        f'\0{{"actor":{_json(event["actor"])},"at":"{event["at"]}","decision":{_json(event["decision"])},'
        f'"kind":{_json(event["kind"])},"object":{_json(event["object"])},"on_behalf_of":{_json(event["on_behalf_of"])},'
        f'"payload_hash":"{payload_hash.hex()}","run":{_json(event["run"])},"seq":'
    )
    return Prepared(payload.decode(), salt, payload_hash, before.encode(), f',"turn":{_json(event["turn"])}}}'.encode())


def seal(prev: bytes, seq: int, event: Mapping[str, Any]) -> Sealed:
    """Hash `event`, with any payload, onto `prev` as number `seq`; in the database `append_events` does the same.

    `leaf = SHA-256(0x00 ‖ JCS(event without payload, salt))`, `hash = SHA-256(0x01 ‖ prev ‖ leaf)`.
    Raises Unrecordable.
    """
    if not isinstance(event.get("payload"), dict):
        raise Unrecordable(f"payload: expected an object, found {type(event.get('payload')).__name__}.")
    _refuse(event["payload"], "payload", 0)
    prepared = prepare(event)
    leaf = hashlib.sha256(prepared.before + str(seq).encode() + prepared.after).digest()
    return Sealed(prepared.salt, prepared.payload_hash, leaf, hashlib.sha256(b"\1" + prev + leaf).digest())


def _json(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def _check_fields(event: Mapping[str, Any]) -> None:
    if unknown := event.keys() ^ NAMES:
        raise Unrecordable(f"An event is {', '.join(FIELDS)} and payload; missing or unknown: {', '.join(unknown)}.")
    for name in FIELDS:
        value = event[name]
        if isinstance(value, str):
            _refuse_text(value, name)
        elif value is not None or name not in NULLABLE:
            raise Unrecordable(f"{name}: expected text, found {type(value).__name__}.")
    if not INSTANT.fullmatch(event["at"]):
        raise Unrecordable(f"at: {event['at']!r} is not UTC with microseconds and Z.")


def _refuse(value: Any, path: str, depth: int) -> None:
    if isinstance(value, str):
        _refuse_text(value, path)
    elif isinstance(value, int):
        if abs(value) > SAFE_INTEGER:
            raise Unrecordable(f"{path}: an integer beyond ±(2^53 - 1); record it as text.")
    elif isinstance(value, dict | list | tuple):
        if depth == DEEPEST_PAYLOAD:
            raise Unrecordable(f"{path[:200]}: nested more than {DEEPEST_PAYLOAD} deep.")
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, dict):
                _refuse_key(key, path)
            _refuse(item, f"{path}.{key}", depth + 1)
    elif value is not None:
        advice = "; record a decimal as text" if isinstance(value, float) else ""
        raise Unrecordable(f"{path}: {value!r:.40} is {type(value).__name__}, which a ledger cannot hold{advice}.")


def _refuse_key(key: Any, path: str) -> None:
    if not isinstance(key, str):
        raise Unrecordable(f"{path}: the key {key!r:.40} is not text.")
    _refuse_text(key, f"{path}, a key")


def _refuse_text(text: str, path: str) -> None:
    if "\0" in text:
        raise Unrecordable(f"{path}: text with a NUL character.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unrecordable(f"{path}: text with half a surrogate pair, which is no Unicode.") from None
