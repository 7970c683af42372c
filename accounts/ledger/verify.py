"""Checks a Workroom audit export offline: hashes with the standard library, the signature through `cryptography`.

Exit 0 verified with KEY · 2 chain intact, signer not checked (no KEY) · 1 broken, naming the first line that departs
from the chain (#0 is the manifest) · 3 could not check. What was not checked is said on standard error.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "workroom-audit/1"
MANIFEST = ("format", "ledger", "room", "filter", "count", "first", "last", "head", "signature", "key_id")
HASHED = ("seq", "at", "actor", "on_behalf_of", "kind", "object", "run", "turn", "decision", "payload_hash")
APART = ("payload", "salt", "prev", "leaf", "hash")
LONGEST_LINE = 4 * 2**20
FIRST_PREV = bytes(32)
# Without this, one changed letter of `\u001f` would read the same and go unseen.
UPPERCASE_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-f]{0,3}[A-F]")


class Broken(Exception):
    """The export is not what was recorded; `seq` is the place (0: the manifest)."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"broken at #{seq}: {reason}")
        self.seq, self.reason = seq, reason


def canonical(value: object) -> bytes:
    """RFC 8785 for what a ledger may hold: null, booleans, integers within ±(2^53 - 1), strings, lists, objects."""
    text = SORTED.encode(value)
    # Only beyond U+FFFF do code points and UTF-16 sort differently.
    if not text.isascii() and len(text.encode("utf-16-le")) > 2 * len(text):
        text = UNSORTED.encode(_in_utf16_order(value))
    return text.encode()


SORTED = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
UNSORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _in_utf16_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [_in_utf16_order(item) for item in value] if isinstance(value, list | tuple) else value


def key_id(public: bytes) -> str:
    """Name a 32-byte Ed25519 public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def check_event(event: dict[str, Any], seq: int, prev: bytes) -> bytes:
    """Check one whole event against its place in the chain and return its hash. Raises Broken."""
    salt, payload, payload_hash = event["salt"], event["payload"], _digest(event, "payload_hash", seq)
    if not (salt is None and payload is None):
        if not (isinstance(salt, str) and re.fullmatch("(?:[0-9a-f]{2})+", salt) and isinstance(payload, dict)):
            raise Broken(seq, "edited: payload and salt are neither an object and lowercase hex nor both null")
        if _sha256(bytes.fromhex(salt), payload, seq) != payload_hash:
            raise Broken(seq, "edited: the payload is not the one that was recorded")
    leaf = _sha256(b"\0", {name: value for name, value in event.items() if name not in APART}, seq)
    if leaf != _digest(event, "leaf", seq):
        raise Broken(seq, "edited: a field outside the payload is not the one that was recorded")
    if _digest(event, "prev", seq) != prev:
        raise Broken(seq, f"prev does not follow from #{seq - 1}: one of the two was edited, inserted or moved")
    head = hashlib.sha256(b"\1" + prev + leaf).digest()
    if head != _digest(event, "hash", seq):
        raise Broken(seq, "edited: its hash does not follow from prev and leaf")
    return head


def check(export: BinaryIO, key: bytes | None) -> tuple[int, int, int]:
    """Check a whole export line by line; return how many events are shown, erased of these, left out. Raises Broken."""
    manifest = _manifest(_object(export.readline(LONGEST_LINE + 1), 0))
    seq, events, erased, head = 0, 0, 0, FIRST_PREV
    for seq, raw in enumerate(iter(lambda: export.readline(LONGEST_LINE + 1), b""), start=1):
        if seq > manifest["last"]:
            raise Broken(seq, f"added: the manifest says that #{manifest['last']} is the last")
        line = _object(raw, seq)
        left_out = line.keys() == {"seq", "leaf"}
        if missing := [name for name in (*HASHED, *APART) if name not in line and not left_out]:
            raise Broken(seq, f"edited: it has no {', '.join(missing)}")
        if type(line["seq"]) is not int or line["seq"] != seq:
            raise Broken(seq, f"deleted, inserted, moved or edited: the line in its place says #{line['seq']!s:.20}")
        if left_out and not manifest["filter"]:
            raise Broken(seq, "left out, although the manifest names no filter")
        if left_out:
            head = hashlib.sha256(b"\1" + head + _digest(line, "leaf", seq)).digest()
        else:
            head = check_event(line, seq, head)
            events, erased = events + 1, erased + (line["payload"] is None)
    _close(manifest, seq, head, events)
    if key:
        _signature(manifest, key)
    return events, erased, seq - events


def _object(raw: bytes, seq: int) -> dict[str, Any]:
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


def _sha256(prefix: bytes, value: object, seq: int) -> bytes:
    try:
        return hashlib.sha256(prefix + canonical(value)).digest()
    except (ValueError, RecursionError):
        raise Broken(seq, "edited: a number or text that no ledger holds, or nested too deeply") from None


def _digest(line: dict[str, Any], name: str, seq: int) -> bytes:
    if not isinstance(line[name], str) or not re.fullmatch("[0-9a-f]{64}", line[name]):
        raise Broken(seq, f"edited: {name} is not 64 lowercase hex digits")
    return bytes.fromhex(line[name])


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
        raise Broken(0, f"manifest edited: the signature over ledger, last and head is not {key_id(key)}'s") from error
    if base64.b64encode(signature).decode() != manifest["signature"]:
        raise Broken(0, "manifest edited: the signature is not in plain base64")


def load_key(key: str) -> bytes:
    """Return the Ed25519 public key in PEM text or a PEM file. Raises OSError, ValueError, ImportError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    loaded = load_pem_public_key(key.encode() if key.startswith("-----") else Path(key).read_bytes())
    if not isinstance(loaded, Ed25519PublicKey):
        raise ValueError("--key is a public key of another kind than Ed25519")
    return loaded.public_bytes_raw()


def run(path: str, key: str | None, out: Callable[[str], object], err: Callable[[str], object]) -> int:
    """Check the file at `path`; print the result by `out`, what was not checked by `err`; return the exit code."""
    try:
        public = load_key(key) if key else None
        with Path(path).open("rb") as export:
            events, erased, left_out = check(export, public)
    except Broken as broken:
        out(str(broken))
        return 1
    except (OSError, ValueError, ImportError) as error:
        err(f"could not check: {error}")
        return 3
    signer = f"signed by {key_id(public)}" if public else "signer NOT checked"
    out(f"{'verified' if public else 'chain intact'}: {events} events, {signer}")
    err(f"Not checked: {erased} payloads erased, {left_out} events left out, what came after, the filter's honesty.")
    return 0 if public else 2


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="an audit export in JSON Lines")
    parser.add_argument("--key", help="the public key, from elsewhere than the export: a PEM file or its text")
    given = parser.parse_args()
    sys.exit(run(given.file, given.key, print, lambda text: print(text, file=sys.stderr)))
