"""Circuit breakers: what failed too often in a row is left alone for a while, by every worker; people may do the same.

The state is a row (`Breaker`), so that it outlives processes and stands in the ledger with what it stopped. Once the
rest is over one call is let through; it closes the breaker or opens it again, for twice as long.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.ledger.record import record
from accounts.models import User
from accounts.tenancy import current_unit
from orchestration.models import Breaker
from workrooms.models import Workroom

FAILURES = 5
REST_SECONDS = 30
LONGEST_REST_SECONDS = 900
OPEN, CLOSED, QUARANTINED = Breaker.State.OPEN, Breaker.State.CLOSED, Breaker.State.QUARANTINED


class OutOfUse(Exception):
    """It is not called now; the text says why. `until` is when it is tried again, None: when people let it."""

    def __init__(self, text: str, until: datetime | None) -> None:
        super().__init__(text)
        self.until = until

    @property
    def seconds(self) -> float:
        """How long until it is tried again; 0 where nobody knows."""
        return max(0.0, (self.until - timezone.now()).total_seconds()) if self.until else 0.0


def check_in_use(object: str, name: str) -> None:
    """Raise OutOfUse for what is in quarantine, or rests after failures; `name` is what people call it.

    Where its rest is over, whoever asks first is let through, to try it for all.
    """
    row = Breaker.objects.filter(object=object).exclude(state=CLOSED).first()
    if row is None:
        return
    if row.state == QUARANTINED:
        raise OutOfUse(f"{name} is in quarantine. {row.reason}".strip(), None)
    now = timezone.now()
    probed = Breaker.objects.filter(pk=row.pk, state=OPEN, retry_at__lte=now)
    if not probed.update(retry_at=now + _rest(row.failures)):
        rests = f"{name} failed {row.failures} times in a row and rests until {row.retry_at:%H:%M:%S} UTC."
        raise OutOfUse(f"{rests} {row.reason}".strip(), row.retry_at)


def note_success(object: str, name: str = "") -> None:
    """It works: nothing counts against it any more. What people put in quarantine stays there.

    `name` is what people call it, where its ledger name does not say so.
    """
    failing = Breaker.objects.filter(object=object, failures__gt=0).exclude(state=QUARANTINED)
    row = failing.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        return
    was_open = row.state == OPEN
    row.state, row.failures, row.failing_since, row.retry_at, row.reason = CLOSED, 0, None, None, ""
    row.save()
    if was_open:
        _log(row, "closed", None, name)


def note_failure(
    object: str, reason: str, room: Workroom | None = None, failures: int = FAILURES, name: str = ""
) -> bool:
    """Count one more failure; at `failures` in a row the breaker opens. True when it opened now, or again."""
    row = _locked(object, room)
    if row.state == QUARANTINED:
        return False
    row.failures, row.reason = row.failures + 1, reason[:500]
    row.failing_since = row.failing_since or timezone.now()
    opens = row.failures >= failures
    if opens:
        row.state, row.retry_at = OPEN, timezone.now() + _rest(row.failures - failures + FAILURES)
    row.save()
    if opens:
        _log(row, "opened", None, name)
    return opens


def put_in_quarantine(object: str, *, actor: User, reason: str, room: Workroom | None = None) -> Breaker:
    """Take something out of use until people let it be used again."""
    row = _locked(object, room)
    row.state, row.reason, row.retry_at = QUARANTINED, reason[:500], None
    row.save()
    _log(row, "quarantined", actor)
    return row


def let_out(object: str, *, actor: User | None, name: str = "") -> bool:
    """Let something be used again, out of quarantine or out of its rest; False when it was in use."""
    row = (
        Breaker.objects.select_for_update(of=("self",), no_key=True).filter(object=object).exclude(state=CLOSED).first()
    )
    if row is None:
        return False
    row.state, row.failures, row.failing_since, row.retry_at, row.reason = CLOSED, 0, None, None, ""
    row.save()
    _log(row, "released", actor, name)
    return True


def is_quarantined(object: str) -> bool:
    """Whether people took `object` out of use."""
    return bool(Breaker.objects.filter(object=object, state=QUARANTINED).exists())


def out_of_use(*kinds: str) -> dict[str, Breaker]:
    """Return what is open or in quarantine of these kinds ("endpoint", "source", …), by ledger name."""
    rows = Breaker.objects.exclude(state=CLOSED).order_by("object")
    return {row.object: row for row in rows if row.object.partition(":")[0] in kinds}


def _locked(object: str, room: Workroom | None) -> Breaker:
    organization_id: UUID = current_unit().organization_id
    defaults = {"workroom": room}
    row: Breaker = Breaker.objects.get_or_create(organization_id=organization_id, object=object, defaults=defaults)[0]
    locked: Breaker = Breaker.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    return locked


def _rest(failures: int) -> timedelta:
    doubled: int = REST_SECONDS * 2 ** min(max(0, failures - FAILURES), 10)
    return timedelta(seconds=min(doubled, LONGEST_REST_SECONDS))


def _log(row: Breaker, what: str, actor: User | None, name: str = "") -> None:
    kind = row.object.partition(":")[0]
    payload = {"failures": row.failures, "reason": row.reason,
               "retry_at": row.retry_at.isoformat() if row.retry_at else None}  # fmt: skip
    payload |= {kind: name} if name else {}
    record(f"{kind}.{what}", actor=actor, ledger=row.workroom_id, object=row.object, payload=payload)
