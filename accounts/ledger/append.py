"""Appending events to their chains: the last step of a unit of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from accounts.ledger.chain import seal
from accounts.models import Event, Ledger


class Entry(Protocol):
    """A timeline entry: a row that carries the number of its creation, of its last change and of the change before."""

    seq: int
    changed_seq: int
    previous: int

    def numbered(self) -> None:
        """Store the numbers."""


@dataclass(slots=True)
class Pending:
    """One recorded event that waits for its number. `published` runs after the commit."""

    ledger_id: UUID
    at: datetime
    fields: dict[str, Any]
    entry: Entry | None = None
    published: Callable[[], None] | None = None
    seq: int = field(default=0)


def timestamp(at: datetime) -> str:
    """Return `at` as the ledger writes it: UTC, microseconds, Z."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(organization_id: UUID, events: Sequence[Pending]) -> None:
    """Number, seal and insert `events`, rooms' chains before the organization's; hand entries their numbers."""
    ordered = sorted(events, key=lambda event: (event.ledger_id == organization_id, event.ledger_id))
    for ledger_id, pending in groupby(ordered, key=lambda event: event.ledger_id):
        _extend(organization_id, ledger_id, list(pending))


def _extend(organization_id: UUID, ledger_id: UUID, pending: list[Pending]) -> None:
    head = Ledger.objects.select_for_update().get(pk=ledger_id)
    rows = []
    for event in pending:
        head.seq += 1
        named = {name: str(value) if isinstance(value, UUID) else value for name, value in event.fields.items()}
        sealed = seal(bytes(head.head), head.seq, {"at": timestamp(event.at), **named})
        rows.append(
            Event(
                organization_id=organization_id,
                ledger_id=ledger_id,
                seq=head.seq,
                at=event.at,
                **event.fields,
                salt=sealed.salt,
                payload_hash=sealed.payload_hash,
                prev=head.head,
                leaf=sealed.leaf,
                hash=sealed.hash,
            )
        )
        head.head, event.seq = sealed.hash, head.seq
    _number_entries(head, pending)
    Event.objects.bulk_create(rows)
    head.save(update_fields=["seq", "head", "entry_seq"])


def _number_entries(head: Ledger, pending: list[Pending]) -> None:
    changed: dict[int, tuple[Entry, Pending]] = {id(event.entry): (event.entry, event) for event in pending if event.entry}
    for entry, event in changed.values():
        entry.seq = entry.seq or event.seq
        entry.previous, entry.changed_seq, head.entry_seq = head.entry_seq, event.seq, event.seq
        entry.numbered()
        if event.published:
            transaction.on_commit(partial(event.published))
