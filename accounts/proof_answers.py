"""What the API answers of checkpoints and proofs, for a room's ledger and for the organization's alike."""

from typing import Any

from django.http import HttpResponse

from accounts.clearances import as_seen_by
from accounts.errors import Conflict, NotFound
from accounts.ledger.checkpoints import Forked, make_checkpoint
from accounts.ledger.proofs import grown, proved
from accounts.ledger.reading import PAGE, events_of, read_filter
from accounts.models import Checkpoint, Ledger, User


def checkpoint_answer(ledger: Ledger, size: int | None = None) -> HttpResponse:
    """The signed note of the ledger as it is now, or of `size` events if that was signed. Raises NotFound, Conflict."""
    found = _now(ledger) if size is None else Checkpoint.objects.filter(ledger_id=ledger.id, size=size).first()
    if found is None:
        raise NotFound(f"Nothing was signed when this ledger had {size} events.")
    name = f'attachment; filename="{ledger.id}-{found.size}.checkpoint"'
    return HttpResponse(found.note, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": name})


def checkpoints_page(ledger: Ledger, after: int) -> dict[str, Any]:
    """A page of what was signed of the ledger, in order, from sizes above `after`."""
    rows = list(Checkpoint.objects.filter(ledger_id=ledger.id, size__gt=after).order_by("size")[:PAGE])
    items = [
        {"size": row.size, "root": bytes(row.root).hex(), "at": row.created_at, "witnessed_at": row.witnessed_at}
        for row in rows
    ]
    return {"items": items, "next": str(rows[-1].size) if len(rows) == PAGE else None}


def proof_answer(ledger: Ledger, seq: int, actor: User) -> HttpResponse:
    """Event `seq` with its proof, as a case file that `verify.py` checks. Raises NotFound, Conflict."""
    events = list(events_of(ledger.id).filter(as_seen_by(actor, read_filter({})).condition, seq=seq))
    if not events:
        raise NotFound(f"This ledger has no event {seq}.")
    content = b"".join(proved(_now(ledger), events, 1))
    name = f'attachment; filename="event-{seq}.jsonl"'
    return HttpResponse(content, content_type="application/jsonl", headers={"Content-Disposition": name})


def growth_answer(ledger: Ledger, first: int, second: int) -> dict[str, Any]:
    """The proof that one checkpoint grew from another. Raises Invalid."""
    return grown(ledger.id, first, second)


def _now(ledger: Ledger) -> Checkpoint:
    try:
        return make_checkpoint(ledger.id)
    except Forked as forked:
        raise Conflict(f"This ledger is not what was signed of it, so nothing more is signed: {forked}") from None
