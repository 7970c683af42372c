"""What was used, by whom and for what: counted from the turns, so that nothing has to be kept twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from accounts.errors import Invalid
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Turn
from workrooms.models import Workroom

# What one may count by: what tells rows apart, and what people read (None: the same).
DIMENSIONS: dict[str, tuple[Any, Any]] = {
    "room": (F("run__workroom_id"), F("run__workroom__name")),
    "person": (F("run__requester_id"), F("run__requester__name")),
    "team": (F("run__version__team_id"), F("run__version__team__name")),
    "agent": (F("agent"), F("agent")),
    "run": (Coalesce("run__root_id", "run_id"), Coalesce("run__root__number", "run__number")),
    "month": (TruncMonth("created_at", tzinfo=UTC), None),
}
AMOUNTS = ("runs", "turns", "tokens", "unpriced_tokens", "microcents")
EXECUTABLE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be counted: turns that began from `since` to `until` (days in UTC, both included), `by` what."""

    since: date
    until: date
    by: str = "agent"


def read_wanted(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; without dates this month. Raises Invalid."""
    today = timezone.now().date()
    since, until = _day(given, "since", today.replace(day=1)), _day(given, "until", today)
    by = given.get("by") or "agent"
    if by not in DIMENSIONS:
        raise Invalid(f"Usage is not counted by {by[:40]!r}.", [("by", f"expected one of {', '.join(DIMENSIONS)}")])
    if since > until:
        raise Invalid("This period ends before it begins.", [("until", "expected a day after since")])
    return Wanted(since, until, by)


def usage(wanted: Wanted, room: Workroom | None = None) -> list[dict[str, Any]]:
    """Return what was used in `room`, or in the whole organization: `{id, name, runs, turns, tokens, unpriced_tokens,
    microcents}` each, the dearest first."""
    identity, name = DIMENSIONS[wanted.by]
    told = {"one": identity, "called": name} if name is not None else {"called": identity}
    rows = _turns(wanted, room).annotate(**told).values(*told).annotate(**_sums())
    ordered = sorted(rows, key=lambda row: (-row["all_microcents"], -row["all_tokens"], str(row["called"])))
    return [
        {"id": str(row.get("one", _named(row["called"]))), "name": _named(row["called"]), **_amounts(row)}
        for row in ordered
    ]


def total(wanted: Wanted, room: Workroom | None = None) -> dict[str, int]:
    """Return the same of all together."""
    return _amounts(_turns(wanted, room).aggregate(**_sums()))


def in_cents(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its cost in cents, rounded up, beside the exact one."""
    return {**row, "cost_cents": -(-row["microcents"] // MICROCENTS_PER_CENT)}


def as_csv(rows: Iterable[Mapping[str, Any]], by: str) -> Iterable[list[str]]:
    """Return rows of cells, the header first; what a spreadsheet would execute gets an apostrophe in front."""
    yield [by, *AMOUNTS, "cost_cents"]
    for row in rows:
        name = f"'{row['name']}" if row["name"].startswith(EXECUTABLE) else row["name"]
        yield [name, *(str(row[amount]) for amount in AMOUNTS), str(in_cents(row)["cost_cents"])]


def _turns(wanted: Wanted, room: Workroom | None) -> QuerySet[Turn]:
    begin, end = (datetime.combine(day, time(), UTC) for day in (wanted.since, wanted.until + timedelta(days=1)))
    turns: QuerySet[Turn] = Turn.objects.filter(user__isnull=False, created_at__gte=begin, created_at__lt=end)
    return turns.order_by() if room is None else turns.order_by().filter(run__workroom=room)


def _sums() -> dict[str, Any]:
    spent = {f"all_{name}": Sum(name) for name in AMOUNTS[2:]}
    return {**spent, "all_runs": Count(Coalesce("run__root_id", "run_id"), distinct=True), "all_turns": Count("pk")}


def _amounts(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(row[f"all_{name}"] or 0) for name in AMOUNTS}


def _named(called: Any) -> str:
    return f"{called:%Y-%m}" if isinstance(called, datetime) else str(called)


def _day(given: Mapping[str, str], name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(given[name]) if given.get(name) else otherwise
    except ValueError as error:
        raise Invalid("This is no day.", [(name, "expected a date such as 2026-11-30")]) from error
