"""Legal holds, how long content is kept, and the door by which it leaves the log."""

from collections.abc import Iterable
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.errors import Conflict, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Ledger, LegalHold, Retention, User

HELD = "WR001"
KEPT = r"^(hold|retention|subject|key|ledger)\."
LONGEST_RETENTION = 36_500


def set_hold(ledger_id: UUID, *, actor: User, reason: str) -> LegalHold:
    """Keep all of the ledger's room, or the whole organization's for its own ledger, until lifted. Raises Invalid."""
    words = " ".join(reason.split())
    if not words or len(words) > 300:
        raise Invalid("A legal hold needs a reason.", [("reason", "expected 1 to 300 characters")])
    # The row that erasing locks too: an erasure is over before the hold begins, or sees it.
    ledger = Ledger.objects.select_for_update(no_key=True).get(pk=ledger_id)
    hold: LegalHold = LegalHold.objects.create(
        organization_id=ledger.organization_id, ledger=ledger, reason=words, set_by=actor
    )
    record("hold.set", actor=actor, ledger=ledger_id, object=f"hold:{hold.id}", payload={"reason": words})
    return hold


def lift_hold(ledger_id: UUID, hold_id: UUID, *, actor: User) -> LegalHold:
    """End a hold. Raises NotFound, Conflict when it was lifted already."""
    hold: LegalHold | None = LegalHold.objects.filter(pk=hold_id, ledger_id=ledger_id).first()
    if hold is None:
        raise NotFound("There is no such legal hold here.")
    if hold.lifted_at is not None:
        raise Conflict("This legal hold was lifted already.")
    hold.lifted_at, hold.lifted_by = timezone.now(), actor
    hold.save(update_fields=["lifted_at", "lifted_by"])
    record("hold.lifted", actor=actor, ledger=ledger_id, object=f"hold:{hold.id}", payload={"reason": hold.reason})
    return hold


def holds_on(ledger: Ledger) -> list[LegalHold]:
    """What keeps a ledger's content now: its own holds and the organization's."""
    over = [ledger.id, ledger.organization_id]
    return list(LegalHold.objects.filter(ledger_id__in=over, lifted_at=None).select_related("set_by"))


def refuse_held(ledger: Ledger) -> None:
    """Raise Conflict when a legal hold keeps the ledger's content."""
    if holds := holds_on(ledger):
        reasons = "; ".join(hold.reason for hold in holds)
        raise Conflict(f"Nothing can be erased here: a legal hold keeps it ({reasons}).", [("hold", reasons)])


def set_retention(ledger_id: UUID, *, actor: User, days: int | None) -> None:
    """Erase content once it is `days` old; None keeps it for ever. Raises Invalid."""
    if days is not None and not 1 <= days <= LONGEST_RETENTION:
        raise Invalid("Content is kept for a number of days.", [("days", f"expected 1 to {LONGEST_RETENTION}")])
    before = Retention.objects.filter(ledger_id=ledger_id).values_list("days", flat=True).first()
    if before == days:
        return
    if days is None:
        Retention.objects.filter(ledger_id=ledger_id).delete()
    else:
        organization_id = Ledger.objects.values_list("organization_id", flat=True).get(pk=ledger_id)
        kept = {"days": days, "organization_id": organization_id}
        Retention.objects.update_or_create(ledger_id=ledger_id, defaults=kept)
    payload = {"days": days, "before": before}
    record("retention.set", actor=actor, ledger=ledger_id, object=f"ledger:{ledger_id}", payload=payload)


def erase_payloads(ledger_id: UUID, numbers: Iterable[int]) -> int:
    """Set payload and salt of these events to null; return of how many. Raises Conflict under a legal hold.

    Events about holds, retention, erasure, keys and exports (KEPT) keep theirs.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT erase_payloads(%s, %s)", [ledger_id, list(numbers)])
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != HELD:
            raise
        raise Conflict("Nothing can be erased here: a legal hold keeps it.", [("hold", "set")]) from None
