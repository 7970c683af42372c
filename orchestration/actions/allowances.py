"""What the organization, or a room, may spend in a month: set by people, carried on from month to month."""

from datetime import date

from django.db import connection
from django.utils import timezone

from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import User
from accounts.tenancy import current_unit
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Allowance
from workrooms.models import Workroom

MOST_CENTS, MOST_TOKENS = 10**9, 10**12


def set_allowance(
    room: Workroom | None, *, actor: User, cost_cents: int | None = None, tokens: int | None = None
) -> Allowance:
    """Cap what `room`, or without one the organization, may spend from this month on; None takes a cap away.

    It counts at once, for runs under way too. A cap below what is spent and reserved lets nothing more be spent.
    Raises Invalid.
    """
    _check("cost_cents", cost_cents, MOST_CENTS)
    _check("tokens", tokens, MOST_TOKENS)
    row = this_month(room)
    row.microcents_cap = None if cost_cents is None else cost_cents * MICROCENTS_PER_CENT
    row.tokens_cap = tokens
    row.microcents_excused = _beyond(row.microcents + row.microcents_reserved, row.microcents_cap)
    row.tokens_excused = _beyond(row.tokens + row.tokens_reserved, row.tokens_cap)
    row.save(update_fields=["microcents_cap", "tokens_cap", "microcents_excused", "tokens_excused"])
    record("budget.set", actor=actor, ledger=room.id if room else None,
           object=f"workroom:{room.id}" if room else f"organization:{row.organization_id}",
           payload={"cost_cents": cost_cents, "tokens": tokens, "month": row.month.isoformat()})  # fmt: skip
    return row


def this_month(room: Workroom | None) -> Allowance:
    """Return the locked allowance of this month (UTC), which begins with the caps of the one before."""
    month = date(timezone.now().year, timezone.now().month, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM open_allowance(%s, %s, %s)",
            [current_unit().organization_id, room.id if room else None, month],
        )
        identity = cursor.fetchone()[0]
    row: Allowance = Allowance.objects.select_related("workroom").get(pk=identity)
    return row


def _check(name: str, given: int | None, most: int) -> None:
    if given is not None and not 0 <= given <= most:
        raise Invalid("This cap cannot be set.", [(name, f"expected 0 to {most:,}, or none")])


def _beyond(used: int, cap: int | None) -> int:
    return 0 if cap is None else max(0, used - cap)
