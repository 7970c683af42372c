"""The server's own check of its ledgers: what is new each time, and what is old slice by slice."""

from time import time
from uuid import UUID

from django.utils import timezone

from accounts.ledger.checkpoints import fetching
from accounts.ledger.reading import events_of, shown
from accounts.ledger.record import record
from accounts.ledger.tree import root
from accounts.ledger.verify import FIRST_PREV, Broken, check_event
from accounts.models import Checkpoint, Ledger

NEW_AT_ONCE = 20_000
SLICE = 2_000
SECONDS_A_SLICE = 60


def check_ledger(ledger_id: UUID) -> None:
    """Check a ledger's new events, one slice of its old ones and what was signed; keep on its row how far it holds.

    Which slice follows from the time, so that every event is checked again within (events / 2,000) minutes. A break,
    when first found, is logged in the organization's chain as `ledger.broken`.
    """
    ledger = Ledger.objects.get(pk=ledger_id)
    start = ledger.checked_seq if ledger.broken_at is None else min(ledger.checked_seq, ledger.broken_at - 1)
    old = int(time() / SECONDS_A_SLICE) % (start // SLICE + 1) * SLICE
    try:
        _check(ledger, old, min(old + SLICE, start))
        checked = _check(ledger, start, min(start + NEW_AT_ONCE, ledger.seq))
        _check_signed(ledger_id)
    except Broken as broken:
        _keep_broken(ledger, broken)
    else:
        sound = {"broken_at": None, "broken_reason": ""}
        Ledger.objects.filter(pk=ledger_id).update(checked_seq=checked, checked_at=timezone.now(), **sound)


def _check_signed(ledger_id: UUID) -> None:
    """Check that the events signed last are still those in the tree. Raises Broken."""
    signed = Checkpoint.objects.filter(ledger_id=ledger_id).order_by("-size").first()
    if signed is not None and root(fetching(ledger_id), signed.size) != bytes(signed.root):
        raise Broken(signed.size, f"forked: the first {signed.size} events are not those that were signed")


def _check(ledger: Ledger, after: int, last: int) -> int:
    """Check the events after number `after` up to `last`, and the head if `last` is the ledger's. Raises Broken."""
    head, seq = _hash_of(ledger, after), after
    for event in events_of(ledger.id).filter(seq__gt=after, seq__lte=last).order_by("seq").iterator(500):
        seq += 1
        if event.seq != seq:
            raise Broken(seq, f"missing: the next event is #{event.seq}")
        head = check_event(shown(event), seq, head)
    if seq < last:
        raise Broken(seq + 1, f"missing: events end at #{seq}, the ledger says #{last}")
    if last == ledger.seq and head != bytes(ledger.head):
        raise Broken(last, "the chain ends in another head than the ledger's")
    return last


def _hash_of(ledger: Ledger, seq: int) -> bytes:
    if seq == 0:
        return FIRST_PREV
    found = events_of(ledger.id).filter(seq=seq).values_list("hash", flat=True).first()
    if found is None:
        raise Broken(seq, "missing")
    return bytes(found)


def _keep_broken(ledger: Ledger, broken: Broken) -> None:
    reason = broken.reason[:200]
    kept = {"broken_at": broken.seq, "broken_reason": reason, "checked_seq": broken.seq - 1}
    Ledger.objects.filter(pk=ledger.pk).update(checked_at=timezone.now(), **kept)
    if ledger.broken_at != broken.seq:
        record("ledger.broken", actor=None, object=f"ledger:{ledger.id}", payload={"at": broken.seq, "reason": reason})
