"""Approvals over the API."""

from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller
from accounts.errors import Conflict, Invalid
from orchestration.actions.approvals import decide_approval, supersede
from orchestration.approvals.inbox import seen_by
from orchestration.models import Approval
from orchestration.policies import access_approval
from orchestration.runs.shapes import approval_json
from workrooms.policies import access_workroom, as_uuid

router = Router(tags=["approvals"])
PAGE = 50


class Decision(Schema):
    """`digest` is that of the approval as it was read; `reason` is needed to reject and to ask, `edits` to edit.

    `lend`: whether the targets of an approved call are allowed once, for the run, or in the room `until` a time."""

    decision: Literal["approve", "edit", "reject", "ask"]
    digest: str
    reason: str = ""
    edits: dict[str, Any] | None = None
    lend: Literal["once", "run", "room"] = "once"
    until: AwareDatetime | None = None


@router.get("/approvals", summary="Questions in the caller's rooms")
def index(request: HttpRequest, state: str = "", room: str = "", after: str = "") -> dict[str, Any]:
    """The newest first; `state` is open, approved, rejected, expired or superseded."""
    rows = seen_by(caller(request)).order_by("-id")
    if state and state not in Approval.State.values:
        raise Invalid(f"No approval is {state!r}.", [("state", f"expected one of {', '.join(Approval.State.values)}")])
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(workroom=access_workroom(caller(request), room)) if room else rows
    if after and (last := as_uuid(after)) is None:
        raise Invalid("`after` is no id.", [("after", "expected what `next` said")])
    page = list((rows.filter(id__lt=last) if after else rows)[: PAGE + 1])
    items = [approval_json(row, caller(request)) for row in page[:PAGE]]
    return {"items": items, "next": items[-1]["id"] if len(page) > PAGE else None}


@router.get("/approvals/{approval}", summary="One question")
def show(request: HttpRequest, approval: UUID) -> dict[str, Any]:
    """`action` is the exact act, `digest` binds it."""
    return approval_json(access_approval(caller(request), approval), caller(request))


@router.post("/approvals/{approval}/decisions", response={201: dict[str, Any]}, summary="Answer a question")
def decide(request: HttpRequest, approval: UUID, payload: Decision) -> tuple[int, dict[str, Any]]:
    """409 when it was decided, or when what it binds has changed: it is then asked again, as another approval."""
    row, actor = access_approval(caller(request), approval), caller(request)
    try:
        decide_approval(row, actor=actor, **payload.dict())
    except Conflict as conflict:
        if conflict.extra.pop("reask", False):
            conflict.afterwards = partial(_ask_again, row.id, actor)
        raise
    return 201, approval_json(access_approval(actor, row.id), actor)


def _ask_again(approval_id: UUID, actor: Any) -> None:
    approval = Approval.objects.get(pk=approval_id)
    if approval.state == Approval.State.OPEN:
        supersede(approval, actor=actor)
