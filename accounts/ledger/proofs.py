"""Proofs without the whole ledger: events in the tree of a checkpoint, one checkpoint grown from another."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from accounts.errors import Invalid
from accounts.ledger.checkpoints import fetching
from accounts.ledger.export import line
from accounts.ledger.reading import shown
from accounts.ledger.tree import consistency_path, inclusion_path
from accounts.ledger.verify import CASE, CONSISTENCY
from accounts.models import Checkpoint, Event


def proved(checkpoint: Checkpoint, events: Iterable[Event], count: int, run: UUID | None = None) -> Iterator[bytes]:
    """The lines of a case file that `verify.py` checks: `count` events in order, each with its path to the root.

    The events are of the checkpoint's ledger and not younger than it; `run` names what they are about.
    """
    ledger = str(checkpoint.ledger_id)
    named = str(run) if run else None
    yield line({"format": CASE, "ledger": ledger, "run": named, "count": count, "checkpoint": checkpoint.note})
    fetch = fetching(checkpoint.ledger_id)
    for event in events:
        path = inclusion_path(fetch, event.seq - 1, checkpoint.size)
        yield line({**shown(event), "proof": [each.hex() for each in path]})


def grown(ledger_id: UUID, first: int, second: int) -> dict[str, Any]:
    """Prove that the ledger's first `second` events begin with its first `first`. Raises Invalid."""
    sizes = Checkpoint.objects.filter(ledger_id=ledger_id).values_list("size", flat=True)
    errors = [
        (name, "expected the size of a checkpoint of this ledger")
        for name, size in (("first", first), ("second", second))
        if size not in sizes
    ]
    if errors or not 0 < first <= second:
        raise Invalid("There is no such proof.", errors or [("first", "expected at least 1 and at most `second`")])
    path = consistency_path(fetching(ledger_id), first, second)
    return {
        "format": CONSISTENCY,
        "ledger": str(ledger_id),
        "first": first,
        "second": second,
        "path": [each.hex() for each in path],
    }
