"""Streaming the ledgers to a SIEM: OCSF over syslog (RFC 5424) or HTTP, in order, at least once."""

import json
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from accounts.ledger.ocsf import ocsf
from accounts.ledger.reading import events_of, shown
from accounts.models import Ledger, Stream

AT_ONCE = 500
SECONDS = 10
SYSLOG_PORT = 514
# Facility 13 is the log audit; severities 2 critical, 5 notice, 6 informational.
FACILITY, SEVERITIES = 13, {1: 6, 2: 5, 5: 2}


def stream(ledger_id: UUID, place: str) -> int:
    """Send at most 500 events that `place` does not have yet, and remember how far; return how many.

    `place` is syslog://HOST:PORT (UDP), syslog+tcp://HOST:PORT or an http(s) address that takes JSON Lines by POST.
    Raises OSError, httpx2.HTTPError; then the same events are sent again next time.
    """
    ledger = Ledger.objects.get(pk=ledger_id)
    row, _ = Stream.objects.select_for_update(no_key=True).get_or_create(
        ledger=ledger, defaults={"organization_id": ledger.organization_id}
    )
    events = list(events_of(ledger_id).filter(seq__gt=row.seq, seq__lte=ledger.seq).order_by("seq")[:AT_ONCE])
    if not events:
        return 0
    own = ledger_id == ledger.organization_id
    send([ocsf(shown(event), room=None if own else str(ledger_id)) for event in events], place)
    row.seq = events[-1].seq
    row.save(update_fields=["seq"])
    return len(events)


def send(mapped: Sequence[dict[str, Any]], place: str) -> None:
    """Send mapped events to `place`."""
    import httpx2

    parts = urlsplit(place)
    if parts.scheme in ("http", "https"):
        body = "".join(f"{_json(each)}\n" for each in mapped).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        httpx2.post(place, content=body, headers=headers, timeout=SECONDS).raise_for_status()
        return
    address = (parts.hostname or "", parts.port or SYSLOG_PORT)
    if parts.scheme == "syslog":
        family, *_, found = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            for each in mapped:
                datagrams.sendto(message(each), found)
    else:
        with socket.create_connection(address, SECONDS) as connection:
            for each in mapped:
                framed = message(each)
                connection.sendall(f"{len(framed)} ".encode() + framed)


def message(mapped: dict[str, Any]) -> bytes:
    """One syslog message (RFC 5424) with the event as JSON; over TCP it is framed by its length (RFC 6587)."""
    priority = FACILITY * 8 + SEVERITIES[mapped["severity_id"]]
    metadata = mapped["metadata"]
    head = f"<{priority}>1 {metadata['original_time']} - workroom - {metadata['event_code'][:32]} - "
    return head.encode() + _json(mapped).encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
