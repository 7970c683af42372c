"""Who decides for the caller while they are away, over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.actions.members import member_of
from accounts.api import caller, organization_of
from accounts.delegations import planned_by, planned_for
from workrooms.actions.delegating import delegate, delegation_json, end_delegation
from workrooms.policies import access_workroom

router = Router(tags=["delegations"])


class Given(Schema):
    """`deputy` (a person's id) decides for the caller from `since` (now, when left out) until `until`, in one `room`
    (id or slug), or, left out, in all that both are in."""

    deputy: UUID
    until: AwareDatetime
    since: AwareDatetime | None = None
    room: str | None = None


@router.get("/delegations", summary="Who decides for whom")
def index(request: HttpRequest) -> dict[str, Any]:
    """What the caller arranged for now and later, and for whom the caller decides."""
    rows = [*planned_by(caller(request)), *planned_for(caller(request))]
    return {"items": [delegation_json(row) for row in rows], "next": None}


@router.post("/delegations", response={201: dict[str, Any]}, summary="Say who decides for you")
def add(request: HttpRequest, payload: Given) -> tuple[int, dict[str, Any]]:
    """409 where the same is arranged for some of that time already."""
    actor = caller(request)
    room = access_workroom(actor, payload.room) if payload.room else None
    deputy = member_of(organization_of(request), payload.deputy)
    row = delegate(actor=actor, deputy=deputy, since=payload.since, until=payload.until, room=room)
    return 201, delegation_json(row)


@router.delete("/delegations/{delegation}", response={204: None}, summary="End an arrangement")
def end(request: HttpRequest, delegation: UUID) -> tuple[int, None]:
    """At once; for whom it is about on either side."""
    end_delegation(delegation, actor=caller(request))
    return 204, None
