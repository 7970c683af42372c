"""Asking for access. Whoever may give it is told; nobody else learns that it was asked for."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.errors import Conflict, Forbidden, Invalid, TooMany
from accounts.ledger.record import record
from accounts.models import Membership, User
from orchestration.access.reading import deciders_of
from orchestration.access.wanted import Given, Wanted, find_wanted
from orchestration.models import AccessRequest
from orchestration.queue import send_notice_later
from orchestration.teams.deadlines import parse_within

WITHIN = "2d"
MOST_OPEN = 20
MOST_A_DAY = 20
DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
LONGEST_REASON = 1000
STATES = AccessRequest.State


def ask_for_access(*, actor: User, given: Given, reason: str, until: datetime | None = None) -> AccessRequest:
    """Ask for a relation to a room, a document or a source for a room, for good or `until` a time within a year.

    What is not there and what the person may not know of are kept and answered alike. Raises Invalid, NotFound, and
    Conflict for what they have, have asked for, or too many open requests, TooMany for too many in a day.
    """
    now, words = timezone.now(), reason.strip()
    errors = [] if 0 < len(words) <= LONGEST_REASON else [("reason", f"expected 1 to {LONGEST_REASON} characters")]
    if until is not None and not now < until <= now + LONGEST:
        errors.append(("until", f"expected a time within {LONGEST.days} days"))
    if errors:
        raise Invalid("This cannot be asked.", errors)
    membership = Membership.objects.select_for_update(no_key=True).get(user=actor)
    wanted = find_wanted(actor, given)
    mine = AccessRequest.objects.filter(requester=actor)
    waiting = [one for one in mine.filter(deadline__gt=now) if shown_state(one) == STATES.OPEN]
    if any((one.kind, one.named) == (given.kind, wanted.named) for one in waiting):
        raise Conflict("You have asked for this already.", [("kind", "expected something not asked for yet")])
    if len(waiting) >= MOST_OPEN:
        raise Conflict(f"You wait for {MOST_OPEN} answers already. Withdraw one first.")
    _check_day(mine, wanted)
    row: AccessRequest = AccessRequest.objects.create(
        organization_id=membership.organization_id,
        requester=actor,
        kind=given.kind,
        named=wanted.named,
        workroom=wanted.room,
        object=wanted.object,
        relation=given.relation if given.kind == AccessRequest.Kind.RELATION else "",
        reason=words,
        until=until,
        hidden=wanted.hidden,
        deadline=parse_within(WITHIN).after(now),
    )
    record_access("access.requested", row, actor=actor, payload={"reason": words})
    if wanted.hidden:
        payload = {"kind": row.kind, "named": row.named, "reason": words}
        record("access.requested", actor=actor, object=f"access:{row.id}", payload=payload)
    _notify(row)
    return row


def _check_day(mine: Any, wanted: Wanted) -> None:
    """Raise TooMany for who asked MOST_A_DAY times within a day about a room, whatever became of it.

    What they may not know of counts together: one count for each would tell what is the same, and so what is there.
    """
    place = Q(hidden=True) if wanted.hidden else Q(hidden=False, workroom=wanted.room)
    asked = mine.filter(place, created_at__gt=timezone.now() - DAY).order_by("-created_at")
    asked_at = list(asked.values_list("created_at", flat=True)[:MOST_A_DAY])
    if len(asked_at) < MOST_A_DAY:
        return
    about = "what you cannot see" if wanted.hidden else f"the room {wanted.room}"
    again = f"{asked_at[-1] + DAY:%a %d %b %H:%M} UTC"
    raise TooMany(f"You asked {MOST_A_DAY} times within a day about {about}. You can ask again from {again}.")


def _notify(row: AccessRequest) -> None:
    addresses = [person.email for person in deciders_of(row) if person.email]
    if addresses:
        deadline = row.deadline.strftime("%a %d %b %H:%M UTC")
        send_notice_later(addresses, deadline, f"{settings.PUBLIC_URL}/approvals/access/{row.id}/")


def withdraw(row: AccessRequest, *, actor: User) -> AccessRequest:
    """Take a request back before it is decided. Raises Forbidden for others', Conflict once it is decided."""
    kept = locked(row)
    if kept.requester_id != actor.id:
        raise Forbidden("Only who asked can withdraw it.")
    if shown_state(kept) != STATES.OPEN:
        raise Conflict(f"This request is {shown_state(kept)}.")
    if kept.state == STATES.OPEN:
        record_access("access.withdrawn", kept, actor=actor)
    kept.state, kept.decided_at = STATES.WITHDRAWN, timezone.now()
    kept.save(update_fields=["state", "decided_at"])
    return kept


def shown_state(row: AccessRequest) -> str:
    """Return the state as the requester is told it: a no about what they may not know of looks like no answer."""
    if row.state in (STATES.OPEN, STATES.EXPIRED) or (row.hidden and row.state == STATES.REFUSED):
        return STATES.OPEN if timezone.now() < row.deadline else STATES.EXPIRED
    return row.state


def locked(row: AccessRequest) -> AccessRequest:
    """Lock and return the request as it is now."""
    rows = AccessRequest.objects.select_for_update(of=("self",), no_key=True)
    found: AccessRequest = rows.select_related("workroom__organization", "requester", "decided_by").get(pk=row.pk)
    return found


def record_access(
    kind: str,
    row: AccessRequest,
    *,
    actor: User | None,
    on_behalf_of: User | None = None,
    payload: dict[str, str] | None = None,
) -> None:
    """Record what became of a request in the chain of its room; of what is not there nothing is recorded there."""
    if row.workroom_id is None:
        return
    said = {"kind": row.kind, "named": row.named, "user": str(row.requester_id), "name": row.requester.name}
    said |= {"request": str(row.id), **({"until": row.until.isoformat()} if row.until else {}), **(payload or {})}
    object = row.object or f"access:{row.id}"
    record(kind, actor=actor, ledger=row.workroom_id, object=object, on_behalf_of=on_behalf_of, payload=said)
