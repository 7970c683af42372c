"""The list of a room's runs: what is asked for, one page of it, and what a row says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.clearances import NOTHING, Unseen
from accounts.errors import Invalid
from orchestration.approvals.cards import ASKED
from orchestration.models import Approval, ApprovalDecision, Run, Turn
from workrooms.models import Workroom
from workrooms.policies import as_uuid

PAGE = 50
WORKING = (Turn.State.READY, Turn.State.CLAIMED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs; empty fields ask for all. `after` is where the page before ended: its rank and number."""

    state: str = ""
    team: str = ""
    q: str = ""
    document: str = ""
    batch: str = ""
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Runs, those that wait for a person first and the newest before older ones; `next` asks for the page after."""

    runs: list[Run]
    next: str
    total: int


@dataclass(slots=True)
class Row:
    """A run in the list. `seconds` from its start to now or its end, `spent` in micro-cents."""

    run: Run
    subject: str
    who: str = ""
    matter: str = ""
    word: str = ""
    waits_for: str = ""
    amount_cents: int | None = None
    currency: str = "USD"
    seconds: float = 0
    spent: int = 0


def read_wanted(asked: Mapping[str, str]) -> Wanted:
    """Read the filters of a query string; raises Invalid for a state, batch or place that cannot be."""
    wanted = {name: asked.get(name, "").strip()[:200].replace("\0", "") for name in ("state", "team", "q", "document")}
    if wanted["state"] and wanted["state"] not in Run.State.values:
        raise Invalid(f"No run is {wanted['state']!r}.", [("state", f"expected one of {', '.join(Run.State.values)}")])
    batch = asked.get("batch", "")
    if batch and as_uuid(batch) is None:
        raise Invalid("There is no such batch.", [("batch", "expected the id of a batch")])
    return Wanted(**wanted, batch=batch, after=_place(asked.get("after", "")))


def _place(text: str) -> tuple[int, int] | None:
    rank, _, number = text.partition("-")
    if not text:
        return None
    if rank not in ("0", "1") or not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Invalid("There is no such page.", [("after", "expected what `next` said")])
    return int(rank), int(number)


def page_of(room: Workroom, wanted: Wanted, size: int = PAGE, unseen: Unseen = NOTHING) -> Page:
    """Return one page of the runs that are wanted, without those that the reader may not see."""
    runs = _matching(room, wanted).exclude(pk__in=unseen.ids("run"))
    total = runs.count()
    rank = Case(When(state=Run.State.WAITING, then=0), default=Value(1), output_field=IntegerField())
    ordered = runs.annotate(rank=rank).order_by("rank", "-number")
    if wanted.after is not None:
        last_rank, last_number = wanted.after
        ordered = ordered.filter(Q(rank__gt=last_rank) | Q(rank=last_rank, number__lt=last_number))
    found: list[Any] = list(ordered[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], f"{last.rank}-{last.number}" if last else "", total)


def _matching(room: Workroom, wanted: Wanted) -> QuerySet[Run]:
    runs: QuerySet[Run] = Run.objects.of_room(room)
    if wanted.state:
        runs = runs.filter(state=wanted.state)
    if wanted.team:
        known = as_uuid(wanted.team)
        runs = runs.filter(version__team=known) if known else runs.filter(version__team__slug=wanted.team)
    if wanted.batch:
        runs = runs.filter(batch=as_uuid(wanted.batch))
    if wanted.document:
        key = "id" if as_uuid(wanted.document) else "name"
        runs = runs.filter(documents__contains=[{key: wanted.document}])
    return runs.filter(_said(wanted.q)) if wanted.q else runs


def _said(text: str) -> Q:
    """Runs whose number, subject, goal, payee or claim number has `text`."""
    turns = Turn.objects.filter(Q(run=OuterRef("pk")) | Q(run__root=OuterRef("pk")))
    named = turns.filter(Q(output__payee__icontains=text) | Q(output__claim_number__icontains=text))
    found = Q(subject__icontains=text) | Q(goal__icontains=text) | Q(Exists(named))
    return found | Q(number=int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else found


def rows_of(runs: list[Run]) -> list[Row]:
    """Return what the list says of each run: three queries, however many runs."""
    rows = {run.id: _row(run) for run in runs}
    _read_turns(rows)
    _read_approvals(rows)
    for row in rows.values():
        _finish(row)
    return list(rows.values())


def _row(run: Run) -> Row:
    seconds = ((run.finished_at or timezone.now()) - (run.started_at or run.created_at)).total_seconds()
    return Row(run, run.subject or run.goal, seconds=seconds, spent=run.budget.microcents)


def _read_turns(rows: dict[UUID, Row]) -> None:
    said = ("payee", "claimant", "claim_number", "incident_type", "payout_cents", "currency")
    turns = Turn.objects.filter(Q(run__in=rows) | Q(run__root__in=rows), user__isnull=False)
    turns = turns.exclude(state=Turn.State.SUPERSEDED)
    fields = [f"output__{name}" for name in said]
    for run_id, root_id, agent, state, *values in turns.order_by("started_at", "number").values_list(
        "run_id", "run__root_id", "agent", "state", *fields
    ):
        row = rows[root_id or run_id]
        found = {name: value for name, value in zip(said, values, strict=True) if value is not None}
        row.who = _text(found.get("claimant") or found.get("payee")) or row.who
        row.subject = _text(found.get("claim_number")) or row.subject
        row.matter = _text(found.get("incident_type")) or row.matter
        row.currency = _text(found.get("currency")) or row.currency
        cents = found.get("payout_cents")
        row.amount_cents = cents if isinstance(cents, int) else row.amount_cents
        if state in WORKING:
            row.waits_for = ", ".join(part for part in (row.waits_for, agent.capitalize()) if part)


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _read_approvals(rows: dict[UUID, Row]) -> None:
    asked = Approval.objects.filter(Q(run__in=rows) | Q(run__root__in=rows)).order_by("created_at")
    for approval in asked.select_related("run"):
        row = rows[approval.run.root_id_or_own]
        if approval.state == Approval.State.OPEN:
            row.waits_for = "an owner" if approval.escalated_at else ASKED.get(approval.relation, "people")
    closing = ApprovalDecision.objects.exclude(decision=ApprovalDecision.Verb.ASK)
    closing = closing.filter(Q(approval__run__in=rows) | Q(approval__run__root__in=rows))
    decided = closing.annotate(root=F("approval__run__root"), own=F("approval__run"))
    for root_id, run_id, name in decided.order_by("created_at").values_list("root", "own", "user__name"):
        row = rows[root_id or run_id]
        row.waits_for = row.waits_for or f"{name} decided"


def _finish(row: Row) -> None:
    run = row.run
    if run.state in (Run.State.FAILED, Run.State.STOPPED):
        row.waits_for = run.reason[:80]
    if run.state == Run.State.FINISHED:
        row.word = "Paid" if _counts(run, "paid_cents") else "Settled" if _counts(run, "due_cents") else ""


def _counts(run: Run, name: str) -> bool:
    cents = (run.result or {}).get(name)
    return isinstance(cents, int) and cents > 0
