"""People in the run, over the API: pause it, take a turn again, begin another run from one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.api import caller
from orchestration.actions.forking import fork_run
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.retrying import retry_turn
from orchestration.api.runs import Cap
from orchestration.intervening.changes import Changes
from orchestration.intervening.comparing import compare_runs, comparison_json
from orchestration.intervening.order import find_turn
from orchestration.policies import access_run
from orchestration.runs.shapes import run_json

router = Router(tags=["runs"])
Accepted = tuple[int, dict[str, Any]]


class Retried(Schema):
    """The turn to take again: its id, or its number among the run's own turns."""

    turn: UUID | int


class Forked(Schema):
    """What a new run takes over and does otherwise. `agents`: an agent of the team → another of it that answers in
    its place (contract and tools stay), `models`: agent → "endpoint" or "endpoint:model", `documents`: id → revision,
    `output`: fields of the answer of that turn."""

    after_turn: UUID | int
    goal: str = ""
    agents: dict[str, str] = {}
    models: dict[str, str] = {}
    documents: dict[UUID, int] = {}
    output: dict[str, Any] = {}
    budget: Cap | None = None


@router.post("/runs/{run}/pause", response={202: dict[str, Any]}, summary="Pause a run")
def pause(request: HttpRequest, run: UUID) -> Accepted:
    """Nothing more begins in it; turns at work end and count, and approvals can be decided meanwhile. No time counts
    against its limit of seconds. 409 when it is over, stopping or paused."""
    pause_run(access_run(caller(request), run, "start_run"), actor=caller(request))
    return 202, run_json(access_run(caller(request), run))


@router.post("/runs/{run}/resume", response={202: dict[str, Any]}, summary="Go on with a paused run")
def resume(request: HttpRequest, run: UUID) -> Accepted:
    """409 when it is not paused."""
    resume_run(access_run(caller(request), run, "start_run"), actor=caller(request))
    return 202, run_json(access_run(caller(request), run))


@router.post("/runs/{run}/retry", response={202: dict[str, Any]}, summary="Take a turn of a run again")
def retry(request: HttpRequest, run: UUID, payload: Retried) -> Accepted:
    """A failed or stopped run goes on from that turn: what came after it is set aside (`superseded`), never deleted,
    and a call that was sent is not sent again but answered with its first result. A finished run stays as it is: the
    answer is a new run, begun from that turn. 409 while it goes on."""
    found = access_run(caller(request), run, "start_run")
    going_on = retry_turn(found, find_turn(found, payload.turn), actor=caller(request))
    return 202, run_json(access_run(caller(request), going_on.id))


@router.post("/runs/{run}/fork", response={202: dict[str, Any]}, summary="Begin a run from a turn of another")
def fork(request: HttpRequest, run: UUID, payload: Forked) -> Accepted:
    """A new run takes over the finished turns up to `after_turn` (0: none): no tool is used and no model is asked for
    them again. What people approved there is put to them again. The run goes on with what is changed, on its own
    budget; a call that the other run sent is not sent again."""
    found = access_run(caller(request), run, "start_run")
    turn = find_turn(found, payload.after_turn) if payload.after_turn else None
    changes = Changes(payload.goal, payload.agents, payload.models, payload.documents, payload.output)
    cents = payload.budget.cost_cents if payload.budget else None
    made = fork_run(found, turn, actor=caller(request), changes=changes, budget_cents=cents)
    return 202, run_json(access_run(caller(request), made.id))


@router.get("/runs/{run}/compare/{other}", summary="Two runs side by side")
def compare(request: HttpRequest, run: UUID, other: UUID) -> dict[str, Any]:
    """What differs: `result` first, then the task, what it took, and member by member what went in and came out, cost,
    time, findings and what people decided. Both runs are of one room."""
    first = access_run(caller(request), run)
    second = access_run(caller(request), other, room=first.workroom)
    return comparison_json(compare_runs(first, second))
