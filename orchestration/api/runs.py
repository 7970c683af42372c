"""Runs over the API."""

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from accounts.clearances import unseen_by
from accounts.errors import Invalid
from orchestration.actions.batches import start_batch
from orchestration.actions.runs import start_run, stop_run
from orchestration.failures.reading import finding_json, findings_of
from orchestration.incoming.csv_rows import read_rows
from orchestration.models import Run, ToolCall, Turn
from orchestration.policies import access_run, access_team
from orchestration.runs.list import page_of, read_wanted
from orchestration.runs.shapes import run_json, turn_json
from workrooms.policies import access_document, access_workroom

router = Router(tags=["runs"])
Limit = Annotated[int, Field(ge=1, le=200)]
Cents = Annotated[int, Field(ge=0, le=10**9)]


class Cap(Schema):
    """The most a run may cost; it can only lower the team's own limit."""

    cost_cents: Cents


class NewRun(Schema):
    """`team` is an id or slug, `documents` are ids of documents of the room, `input` goes to the first member."""

    team: str
    goal: str
    input: dict[str, Any] = {}
    documents: list[UUID] = []
    budget: Cap | None = None


class NewBatch(Schema):
    """One run a row: `rows`, or the text of a CSV file. The same rows under the same team are started once."""

    team: str
    name: str = Field("rows", min_length=1, max_length=200)
    rows: list[dict[str, Any]] = []
    csv: str = ""
    limit: int | None = Field(None, ge=1)


@router.post("/workrooms/{room}/runs", response={202: dict[str, Any]}, summary="Start a run")
def start(request: HttpRequest, room: str, payload: NewRun) -> tuple[int, dict[str, Any]]:
    """It acts with the caller's rights in this room, no more, and asks people where the team says so."""
    actor = caller(request)
    found = access_workroom(actor, room, "start_run")
    run = start_run(
        found,
        actor=actor,
        team=access_team(actor, found, payload.team, "start_run"),
        goal=payload.goal,
        input=payload.input,
        documents=[access_document(actor, document, room=found) for document in payload.documents],
        budget_cents=payload.budget.cost_cents if payload.budget else None,
    )
    return 202, run_json(access_run(actor, run.id))


@router.post("/workrooms/{room}/runs/batch", response={202: dict[str, Any]}, summary="Start one run a row")
def batch(request: HttpRequest, room: str, payload: NewBatch) -> tuple[int, dict[str, Any]]:
    """Sent again, only rows that have no run yet are started."""
    actor = caller(request)
    found = access_workroom(actor, room, "start_run")
    team = access_team(actor, found, payload.team, "start_run")
    if bool(payload.rows) == bool(payload.csv):
        raise Invalid("Send rows or csv.", [("rows", "expected either rows or csv")])
    rows = payload.rows or read_rows(payload.name, payload.csv.encode("utf-8", "replace"))
    begun = start_batch(found, actor=actor, team=team, name=payload.name, rows=rows, limit=payload.limit)
    runs = Run.objects.filter(batch=begun, parent=None).count()
    return 202, {"id": str(begun.id), "name": begun.name, "rows": len(rows), "runs": runs}


@router.get("/workrooms/{room}/runs", summary="Runs of a room")
def index(
    request: HttpRequest, room: str, state: str = "", team: str = "", document: str = "", q: str = "",
    batch: str = "", after: str = "", limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """Those that wait for a person first, then the newest. `document` is an id or name, `q` words or a number."""
    found = access_workroom(caller(request), room)
    asked = {"state": state, "team": team, "document": document, "q": q, "batch": batch, "after": after}
    page = page_of(found, read_wanted(asked), limit, unseen_by(caller(request), found))
    return {"items": [run_json(run) for run in page.runs], "next": page.next or None, "total": page.total}


@router.get("/runs/{run}", summary="One run")
def show(request: HttpRequest, run: UUID) -> dict[str, Any]:
    """`state` is queued, running, waiting, paused, stopping, finished, failed or stopped; `reason` says why."""
    found = access_run(caller(request), run)
    children = Run.objects.filter(root=found).order_by("created_at").values_list("id", flat=True)
    return run_json(found, [str(child) for child in children])


@router.get("/runs/{run}/turns", summary="Turns of a run, of the runs nested in it too")
def turns(request: HttpRequest, run: UUID) -> dict[str, Any]:
    """In the order in which they began, each with its tool calls."""
    found = access_run(caller(request), run)
    rows = list(Turn.objects.filter(Q(run=found) | Q(run__root=found), user__isnull=False))
    rows.sort(key=lambda turn: (turn.started_at or turn.created_at, turn.number))
    calls: dict[UUID, list[ToolCall]] = {turn.id: [] for turn in rows}
    for call in ToolCall.objects.filter(turn__in=rows).order_by("response", "position"):
        calls[call.turn_id].append(call)
    return {"items": [turn_json(turn, calls[turn.id]) for turn in rows], "next": None}


@router.get("/runs/{run}/findings", summary="Failures found in a run")
def findings(request: HttpRequest, run: UUID) -> dict[str, Any]:
    """What the run's events show without a model, by the modes of MAST (arXiv 2503.13657): `mode` is its number there,
    `evidence` the numbers of ledger events, `turns` ids of turns."""
    found = findings_of(access_run(caller(request), run))
    return {"items": [finding_json(finding) for finding in found], "next": None}


@router.post("/runs/{run}/stop", response={202: dict[str, Any]}, summary="Stop a run")
def stop(request: HttpRequest, run: UUID) -> tuple[int, dict[str, Any]]:
    """It stops before its next model or tool call; 409 when it is over."""
    found = access_run(caller(request), run, "start_run")
    stop_run(found, actor=caller(request))
    return 202, run_json(access_run(caller(request), found.id))
