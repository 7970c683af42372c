"""Reading a ledger: filters as people and programs give them, pages by number, events as the contract shows them."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.dateparse import parse_date, parse_datetime

from accounts.errors import Invalid
from accounts.ledger.append import timestamp
from accounts.models import Event, User

PAGE = 50
DENIED = Q(kind__endswith=".denied")


class Wanted(NamedTuple):
    """A filter: what was asked for, as a manifest names it, and the condition it stands for."""

    given: dict[str, str]
    condition: Q


def read_filter(asked: Mapping[str, str]) -> Wanted:
    """Read kind, actor, agent, tool, decision, run, object, q, since and until; empty ones and others are passed over.

    `kind` and `object` may be a first part only (`approval`, `document`). `actor` is an id, an e-mail address,
    `person:ID`, `agent:ID` or `system`; `agent` an id or name; `decision` an id, `permit` or `deny`; `since` is
    inclusive, `until` exclusive, a date as `until` includes that day. Raises Invalid.
    """
    given = {name: value.strip() for name in CONDITIONS if (value := asked.get(name, "")).strip()}
    condition, errors = Q(), []
    for name, value in given.items():
        try:
            if "\0" in value or len(value) > 200:
                raise ValueError("expected at most 200 characters without NUL")
            condition &= CONDITIONS[name](value)
        except ValueError as error:
            errors.append((name, str(error)))
    if errors:
        raise Invalid("The ledger cannot be filtered like this.", errors)
    return Wanted(given, condition)


def newest_events(ledger_id: UUID, wanted: Wanted, before: int | None = None) -> list[Event]:
    """A page of at most 50 events, newest first, below number `before`."""
    rows = events_of(ledger_id).filter(wanted.condition)
    return list((rows if before is None else rows.filter(seq__lt=before)).order_by("-seq")[:PAGE])


def events_after(ledger_id: UUID, wanted: Wanted, after: int = 0) -> list[Event]:
    """A page of at most 50 events in order, above number `after`."""
    return list(events_of(ledger_id).filter(wanted.condition, seq__gt=after).order_by("seq")[:PAGE])


def events_of(ledger_id: UUID) -> Any:
    """Every event of a ledger, with its whole text as `text` for searches."""
    return Event.objects.filter(ledger_id=ledger_id).alias(text=Cast("payload", TextField()))


def shown(event: Event) -> dict[str, Any]:
    """An event as exports and the API write it: ids and digests as text, `at` in UTC with microseconds."""
    ids = {name: str(value) if (value := getattr(event, name)) else None for name in ("run", "turn", "decision")}
    digests = {name: bytes(getattr(event, name)).hex() for name in ("payload_hash", "prev", "leaf", "hash")}
    return {
        "seq": event.seq,
        "at": timestamp(event.at),
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "kind": event.kind,
        "object": event.object,
        **ids,
        "payload": event.payload,
        "salt": None if event.salt is None else bytes(event.salt).hex(),
        **digests,
    }


def _first_part(field: str, separator: str) -> Callable[[str], Q]:
    def condition(value: str) -> Q:
        part = {f"{field}__startswith": value.removesuffix(separator) + separator}
        return Q(**{field: value}) | Q(**part)

    return condition


def _actor(value: str) -> Q:
    if "@" in value:
        return Q(actor__in=[user.ledger_name for user in User.objects.filter(email__iexact=value)])
    if value == "system" or value.startswith(("person:", "agent:", "service:")):
        return Q(actor=value)
    return Q(actor__in=[f"{kind}:{_id(value)}" for kind in User.Kind.values])


def _agent(value: str) -> Q:
    try:
        return Q(actor=f"agent:{_id(value)}")
    except ValueError:
        named = User.objects.filter(kind=User.Kind.AGENT, name__iexact=value)
        return Q(actor__in=[agent.ledger_name for agent in named])


def _decision(value: str) -> Q:
    if value in ("permit", "deny"):
        return Q(decision__isnull=False) & (DENIED if value == "deny" else ~DENIED)
    try:
        return Q(decision=_id(value))
    except ValueError:
        raise ValueError("expected the id of a decision, permit or deny") from None


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise ValueError(f"expected an id, found {value:.80}") from None


def _text(value: str) -> Q:
    number = value.removeprefix("#").replace(",", "")
    found = Q(text__icontains=value) | Q(kind__icontains=value) | Q(object__icontains=value)
    return found | Q(seq=int(number)) if number.isdecimal() and len(number) < 19 else found


def _moment(value: str, *, end_of_day: bool = False) -> dt.datetime:
    day = parse_date(value) if len(value) == len("2026-11-22") else None
    if day:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        return start + dt.timedelta(days=1) if end_of_day else start
    moment = parse_datetime(value)
    if moment is None:
        raise ValueError("expected a date or time in ISO 8601, such as 2026-11-22 or 2026-11-22T09:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


CONDITIONS: dict[str, Callable[[str], Q]] = {
    "kind": _first_part("kind", "."),
    "actor": _actor,
    "agent": _agent,
    "tool": lambda value: Q(payload__tool=value),
    "decision": _decision,
    "run": lambda value: Q(run=_id(value)),
    "object": _first_part("object", ":"),
    "q": _text,
    "since": lambda value: Q(at__gte=_moment(value)),
    "until": lambda value: Q(at__lt=_moment(value, end_of_day=True)),
}
