"""Checkpoints: what an organization signs of a ledger's tree, and the stored hashes that make it cheap."""

from functools import cache
from uuid import UUID

from accounts.ledger.signing import sign_note
from accounts.ledger.tree import FANOUT, LEVELS, Fetch, root
from accounts.ledger.verification.trees import Frontier
from accounts.models import Checkpoint, Event, Ledger, SigningKey, Subtree
from accounts.secrets import open_secret

PLACES_AT_ONCE = 64


class Forked(Exception):
    """The ledger's events are not those of an earlier checkpoint; nothing is signed."""


def make_checkpoint(ledger_id: UUID) -> Checkpoint:
    """Sign the tree of a ledger as it is, once a size. Raises Forked when it does not contain the last one's events.

    Appending is not held up: the tree grows here, by one stored hash for every 256 beneath it.
    """
    size = Ledger.objects.get(pk=ledger_id).seq
    last: Checkpoint | None = Checkpoint.objects.filter(ledger_id=ledger_id).order_by("-size").first()
    if last is not None and last.size == size:
        return last
    grow(ledger_id, size)
    fetch = fetching(ledger_id)
    if last is not None and root(fetch, last.size) != bytes(last.root):
        raise Forked(f"The first {last.size} events of ledger {ledger_id} are not those that were signed.")
    made = root(fetch, size)
    key = SigningKey.objects.latest("created_at")
    note = sign_note(str(ledger_id), size, made, open_secret(key.private_sealed))
    row = Checkpoint(organization_id=key.organization_id, ledger_id=ledger_id, size=size, root=made, note=note)
    Checkpoint.objects.bulk_create([row], ignore_conflicts=True)
    kept: Checkpoint = Checkpoint.objects.get(ledger_id=ledger_id, size=size)
    return kept


def grow(ledger_id: UUID, size: int) -> None:
    """Store the root of every whole subtree of the first `size` events that is not stored yet."""
    organization_id = Ledger.objects.values_list("organization_id", flat=True).get(pk=ledger_id)
    level = LEVELS
    while size >> level:
        done = Subtree.objects.filter(ledger_id=ledger_id, level=level).count()
        for start in range(done, size >> level, PLACES_AT_ONCE):
            end = min(start + PLACES_AT_ONCE, size >> level)
            beneath = _hashes(ledger_id, level - LEVELS, start * FANOUT, end * FANOUT)
            rows = [
                Subtree(
                    organization_id=organization_id,
                    ledger_id=ledger_id,
                    level=level,
                    place=place,
                    hash=_folded(beneath[(place - start) * FANOUT : (place - start + 1) * FANOUT]),
                )
                for place in range(start, end)
            ]
            Subtree.objects.bulk_create(rows, ignore_conflicts=True)
        level += LEVELS


def fetching(ledger_id: UUID) -> Fetch:
    """Return what the tree's functions ask for a ledger's hashes; each stretch of 256 is read once."""

    @cache
    def stretch(level: int, number: int) -> list[bytes]:
        return _hashes(ledger_id, level, number * FANOUT, (number + 1) * FANOUT)

    def fetch(level: int, start: int, end: int) -> list[bytes]:
        number = start // FANOUT
        return stretch(level, number)[start - number * FANOUT : end - number * FANOUT]

    return fetch


def _hashes(ledger_id: UUID, level: int, start: int, end: int) -> list[bytes]:
    if level == 0:
        rows = Event.objects.filter(ledger_id=ledger_id, seq__gt=start, seq__lte=end).order_by("seq")
        found = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
    else:
        kept = Subtree.objects.filter(ledger_id=ledger_id, level=level, place__gte=start, place__lt=end)
        found = [bytes(hash) for hash in kept.order_by("place").values_list("hash", flat=True)]
    return found


def _folded(hashes: list[bytes]) -> bytes:
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier.root()
