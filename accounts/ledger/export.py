"""What an audit export looks like: JSON Lines that `verify.py` checks, and CSV for spreadsheets."""

import base64
import csv
import io
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from accounts.ledger.signing import sign_head
from accounts.ledger.verify import FORMAT

LINE_KEYS = (
    *("seq", "at", "actor", "on_behalf_of", "kind", "object", "run", "turn", "decision"),
    *("payload", "salt", "payload_hash", "prev", "leaf", "hash"),
)
LEFT_OUT_KEYS = ("seq", "leaf")
CSV_KEYS = tuple(name for name in LINE_KEYS if name not in ("salt", "prev", "leaf"))
# What makes a spreadsheet take a cell for a formula, or split it.
EXECUTABLE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def manifest(
    ledger: str,
    last: int,
    head: bytes,
    *,
    room: str | None,
    filter: Mapping[str, str],
    count: int,
    private: bytes,
    key_id: str,
) -> dict[str, Any]:
    """Describe and sign an export of `ledger` up to event `last` with hash `head`; `count` events pass the `filter`.

    `private` is the organization's Ed25519 key (32 bytes), `key_id` its name. `first` is always 1.
    """
    return {
        "format": FORMAT,
        "ledger": ledger,
        "room": room,
        "filter": dict(filter),
        "count": count,
        "first": 1,
        "last": last,
        "head": head.hex(),
        "signature": base64.b64encode(sign_head(private, ledger, last, head)).decode(),
        "key_id": key_id,
    }


def line(row: Mapping[str, Any]) -> bytes:
    """One line of JSON Lines: the manifest, an event with all its LINE_KEYS, or {"seq", "leaf"}."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def lines(events: Iterable[Mapping[str, Any]], kept: Container[int]) -> Iterator[bytes]:
    """The lines of `events`, in order and without gaps; one whose number is not in `kept` shows its leaf only."""
    for event in events:
        yield line({name: event[name] for name in (LINE_KEYS if event["seq"] in kept else LEFT_OUT_KEYS)})


def csv_header() -> bytes:
    """The first row of a CSV export."""
    return _csv_row(CSV_KEYS)


def csv_lines(events: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A CSV row for each event; cells a spreadsheet would execute get an apostrophe in front."""
    for event in events:
        payload = None if event["payload"] is None else json.dumps(event["payload"], ensure_ascii=False)
        yield _csv_row([_inert({**event, "payload": payload}[name]) for name in CSV_KEYS])


def _inert(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(EXECUTABLE) else text


def _csv_row(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
