"""The one door to the log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.bounds import current_bound
from accounts.ledger.append import Entry, Pending
from accounts.ledger.plain import plain
from accounts.models import User
from accounts.tenancy import current_unit


def record(
    kind: str,
    *,
    actor: User | None,
    ledger: UUID | None = None,
    object: str | None = None,
    on_behalf_of: User | None = None,
    run: UUID | None = None,
    turn: UUID | None = None,
    decision: UUID | None = None,
    payload: dict[str, Any] | None = None,
    entry: Entry | None = None,
    published: Callable[[Any], None] | None = None,
) -> None:
    """Log one action in the room's chain `ledger` (the organization's when None); `actor` None is the system.

    The event is appended when the unit of work ends. `entry` gets the event's number, and then `published` runs after
    the commit. What is done through a service is the service's act in the person's name. A payload is JSON with
    integers; what a ledger cannot hold (a model's fraction, a NUL) is kept as `plain` writes it.
    """
    unit = current_unit()
    if (bound := current_bound()) and bound.is_behind(actor, on_behalf_of):
        actor, on_behalf_of, decision = bound.service, bound.person, decision or bound.decision
    fields = {
        "actor": actor.ledger_name if actor else "system",
        "on_behalf_of": on_behalf_of.ledger_name if on_behalf_of else None,
        "kind": kind,
        "object": object,
        "run": run,
        "turn": turn,
        "decision": decision,
        "payload": plain(payload or {}),
    }
    unit.events.append(Pending(ledger or unit.organization_id, timezone.now(), fields, entry, published))
