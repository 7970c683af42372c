"""Exports made without a database: events sealed one after the other, as a list to doctor before it is written."""

import copy
import io
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.ledger import chain, export, verify
from accounts.ledger.signing import KeyPair, new_key_pair

LEDGER = "0198c0de-0000-7000-8000-00000000000a"
KEY = new_key_pair()


def sealed(payloads: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events with these payloads, from #1."""
    prev, events = chain.FIRST_PREV, []
    for seq, payload in enumerate(payloads, start=1):
        fields = {
            "at": f"2026-11-22T12:05:22.{seq:06}Z",
            "actor": "person:0198c0de-0000-7000-8000-000000000001",
            "on_behalf_of": None,
            "kind": "message.posted",
            "object": f"message:{seq}",
            "run": None,
            "turn": None,
            "decision": None,
            "payload": payload,
        }
        done = chain.seal(prev, seq, fields)
        digests = {name: value.hex() for name, value in done._asdict().items()}
        events.append({"seq": seq, **fields, **digests, "prev": prev.hex()})
        prev = done.hash
    return events


TEN = sealed(
    {"body": f"Nr. {seq} — “ok”", "cents": seq * 100, "seen": [seq, None, {"a": True}]} for seq in range(1, 11)
)


def ten() -> list[dict[str, Any]]:
    """A copy, to doctor, of always the same ten events with text, numbers and nesting."""
    return copy.deepcopy(TEN)


def manifest_of(events: Sequence[dict[str, Any]], kept: set[int] | None = None, key: KeyPair = KEY) -> dict[str, Any]:
    """The signed manifest of an export of `events`, of which only `kept` pass the filter (None: no filter)."""
    return export.manifest(
        LEDGER,
        len(events),
        bytes.fromhex(events[-1]["hash"]) if events else chain.FIRST_PREV,
        room="auto-claims",
        filter={} if kept is None else {"kind": "message.posted"},
        count=len(events) if kept is None else len(kept),
        private=key.private,
        key_id=key.key_id,
    )


def written(events: Sequence[dict[str, Any]], kept: set[int] | None = None, key: KeyPair = KEY) -> list[bytes]:
    """The lines of that export, the manifest first."""
    everything = {event["seq"] for event in events}
    return [export.line(manifest_of(events, kept, key)), *export.lines(events, everything if kept is None else kept)]


def broken(lines: Iterable[bytes], key: bytes | None = None) -> verify.Broken | None:
    """What `verify` finds in an export of these lines; None when it holds."""
    try:
        verify.check(io.BytesIO(b"".join(lines)), key)
    except verify.Broken as found:
        return found
    return None
