"""Answering a request for access: one yes or no, by who may give it at that moment."""

from uuid import UUID

from django.utils import timezone

from accounts.errors import Conflict, Forbidden, Invalid
from accounts.models import Membership, User
from orchestration.access.asking import locked, record_access
from orchestration.access.giving import GIVING, end_access
from orchestration.access.reading import access_to_request
from orchestration.models import AccessRequest

ANSWERS = ("approve", "deny")
LONGEST_NOTE = 1000
STATES = AccessRequest.State


def decide_access(row: AccessRequest, *, actor: User, decision: str, note: str = "") -> AccessRequest:
    """Give what is asked for, exactly that and until the time that was asked for, or refuse it with a note.

    Raises NotFound for who may not decide (any more), Forbidden for who asked, Conflict when it was decided, came too
    late, or cannot be given; Invalid for what is no answer. Nothing is kept of a refused answer.
    """
    words = note.strip()
    errors = [] if decision in ANSWERS else [("decision", f"expected {' or '.join(ANSWERS)}")]
    if len(words) > LONGEST_NOTE or (decision == "deny" and not words):
        errors.append(("note", f"expected 1 to {LONGEST_NOTE} characters"))
    if errors:
        raise Invalid("This is no answer.", errors)
    kept = locked(row)
    _, right = access_to_request(actor, kept.id)
    if right.refusal is not None:
        raise Forbidden(right.refusal)
    _check_open(kept, decision)
    kept.decided_by, kept.on_behalf_of = actor, right.for_whom
    if decision == "approve":
        GIVING[AccessRequest.Kind(kept.kind)].give(kept, actor, right.for_whom)
    kept.state = STATES.GRANTED if decision == "approve" else STATES.REFUSED
    kept.decided_at, kept.note = timezone.now(), words
    kept.save(update_fields=["state", "decided_by", "on_behalf_of", "decided_at", "note"])
    payload = {"note": words} if words else None
    record_access(f"access.{kept.state}", kept, actor=actor, on_behalf_of=right.for_whom, payload=payload)
    return kept


def _check_open(row: AccessRequest, decision: str) -> None:
    now = timezone.now()
    if row.state != STATES.OPEN:
        by = f"{row.decided_by.name} already decided" if row.decided_by else "This is decided"
        raise Conflict(f"{by}: {row.state}.")
    if row.deadline <= now:
        raise Conflict("The time to decide is over: nothing was given.")
    if decision == "approve" and not Membership.objects.filter(user=row.requester).exists():
        raise Conflict(f"{row.requester.name} does not belong to this organization any more.")
    if decision == "approve" and row.until is not None and row.until <= now:
        raise Conflict("The time it was asked for is over.")


def come_due(request_id: UUID) -> None:
    """Close a request that nobody decided in time, or end what was given until a time that has come."""
    row, now = locked(AccessRequest.objects.get(pk=request_id)), timezone.now()
    if row.state == STATES.OPEN and row.deadline <= now:
        row.state, row.decided_at = STATES.EXPIRED, now
        row.save(update_fields=["state", "decided_at"])
        record_access("access.expired", row, actor=None)
    elif row.state == STATES.GRANTED and row.ended_at is None and row.until is not None and row.until <= now:
        end_access(row, actor=None)


def take_access_back(row: AccessRequest, *, actor: User) -> AccessRequest:
    """Take back what was given; it counts with the next act.

    Raises NotFound for who could not give it, Forbidden for who asked, Conflict for a relation given for good.
    """
    kept = locked(row)
    _, right = access_to_request(actor, kept.id)
    if right.refusal is not None:
        raise Forbidden("Those who may give it take it back.")
    return end_access(kept, actor=actor)
