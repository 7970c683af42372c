"""What a ledger's hashes are made of, and the check of one event."""

import hashlib
import json
import json.encoder
import re
from collections.abc import Callable, Iterable
from typing import Any

HASHED = ("seq", "at", "actor", "on_behalf_of", "kind", "object", "run", "turn", "decision", "payload_hash")
APART = ("payload", "salt", "prev", "leaf", "hash")
LONGEST_LINE = 4 * 2**20
FIRST_PREV = bytes(32)
DIGEST = re.compile("[0-9a-f]{64}")
SALT = re.compile("(?:[0-9a-f]{2})+")
# Without this, one changed letter of `\u001f` would read the same and go unseen.
UPPERCASE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-f]{0,3}[A-F]")


class Broken(Exception):
    """The export is not what was recorded; `seq` is the place (0: the manifest)."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"broken at #{seq}: {reason}")
        self.seq, self.reason = seq, reason


def canonical(value: object) -> bytes:
    """RFC 8785 for what a ledger may hold: null, booleans, integers within ±(2^53 - 1), strings, lists, objects."""
    text = "".join(SORTED(value, 0))
    # Only beyond U+FFFF do code points and UTF-16 sort differently.
    if not text.isascii() and len(text.encode("utf-16-le")) > 2 * len(text):
        text = UNSORTED.encode(_in_utf16_order(value))
    return text.encode()


def _encoder() -> Callable[[object, int], Iterable[str]]:
    """Return json's own encoder with sorted keys, made once: JSONEncoder.encode makes it anew for every value."""
    plain = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    made: Callable[..., Any] | None = getattr(json.encoder, "c_make_encoder", None)
    if made is None:
        return lambda value, _: plain.encode(value)
    encode: Callable[[object, int], Iterable[str]]
    encode = made(None, plain.default, json.encoder.encode_basestring, None, ":", ",", True, False, False)
    return encode


SORTED = _encoder()
UNSORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _in_utf16_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [_in_utf16_order(item) for item in value] if isinstance(value, list | tuple) else value


def key_id(public: bytes) -> str:
    """Name a 32-byte Ed25519 public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def check_leaf(event: dict[str, Any], seq: int) -> bytes:
    """Check that an event's payload and fields are those its leaf was made of; return the leaf. Raises Broken."""
    salt, payload = event["salt"], event["payload"]
    if not (salt is None and payload is None):
        if not (isinstance(salt, str) and SALT.fullmatch(salt) and isinstance(payload, dict)):
            raise Broken(seq, "edited: payload and salt are neither an object and lowercase hex nor both null")
        if not _is(event, "payload_hash", seq, sha256_of(bytes.fromhex(salt), payload, seq)):
            raise Broken(seq, "edited: the payload is not the one that was recorded")
    leaf = sha256_of(b"\0", {name: value for name, value in event.items() if name not in APART}, seq)
    if not _is(event, "leaf", seq, leaf):
        raise Broken(seq, "edited: a field outside the payload is not the one that was recorded")
    return leaf


def check_event(event: dict[str, Any], seq: int, prev: bytes) -> bytes:
    """Check one whole event against its place in the chain and return its hash. Raises Broken."""
    leaf = check_leaf(event, seq)
    if not _is(event, "prev", seq, prev):
        raise Broken(seq, f"prev does not follow from #{seq - 1}: one of the two was edited, inserted or moved")
    head = hashlib.sha256(b"\1" + prev + leaf).digest()
    if not _is(event, "hash", seq, head):
        raise Broken(seq, "edited: its hash does not follow from prev and leaf")
    return head


def _is(event: dict[str, Any], name: str, seq: int, expected: bytes) -> bool:
    """Whether the event names these 32 bytes in hex. Raises Broken where it names none."""
    return event[name] == expected.hex() or digest(event, name, seq) == expected


def read_object(raw: bytes, seq: int) -> dict[str, Any]:
    """Return the object on one line. Raises Broken."""
    line = raw.removesuffix(b"\n")
    if len(line) > LONGEST_LINE:
        raise Broken(seq, f"edited: a line longer than {LONGEST_LINE} bytes")
    if not (line.startswith(b"{") and line.endswith(b"}")) or (b"\\u" in line and UPPERCASE_ESCAPE.search(line)):
        raise Broken(seq, "not one JSON object alone on its line, as it was written: edited, cut or added to")
    try:
        value: dict[str, Any] = DECODER.decode(line.decode())
    except (ValueError, RecursionError) as error:
        raise Broken(seq, f"not the JSON of a ledger: {error}") from None
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_pairs)


def sha256_of(prefix: bytes, value: object, seq: int) -> bytes:
    """Hash `prefix` and the canonical text of `value`. Raises Broken."""
    try:
        return hashlib.sha256(prefix + canonical(value)).digest()
    except (ValueError, RecursionError):
        raise Broken(seq, "edited: a number or text that no ledger holds, or nested too deeply") from None


def digest(line: dict[str, Any], name: str, seq: int) -> bytes:
    """Return the 32 bytes that `line` names in hex. Raises Broken."""
    found = line[name]
    if not isinstance(found, str) or not DIGEST.fullmatch(found):
        raise Broken(seq, f"edited: {name} is not 64 lowercase hex digits")
    return bytes.fromhex(found)
