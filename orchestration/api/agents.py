"""Agents of a room over the API: into quarantine and out of it."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from orchestration.limits.quarantine import quarantine_agent, release_agent
from workrooms.policies import access_workroom

router = Router(tags=["agents"])


class Why(Schema):
    """A sentence for the ledger."""

    reason: str = Field(min_length=1, max_length=500)


@router.post("/workrooms/{room}/agents/{agent}/quarantine", summary="Put an agent into quarantine")
def quarantine(request: HttpRequest, room: str, agent: str, payload: Why) -> dict[str, Any]:
    """It can do nothing more, in turns under way too, until it is released. Managers of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    put = quarantine_agent(found, agent, actor=caller(request), reason=payload.reason)
    return {"agent": put.name, "quarantined": True}


@router.post("/workrooms/{room}/agents/{agent}/release", summary="Let an agent work again")
def release(request: HttpRequest, room: str, agent: str) -> dict[str, Any]:
    """Out of quarantine, with a new key, or out of its rest after failed turns. Managers of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    return {"agent": release_agent(found, agent, actor=caller(request)).name, "quarantined": False}
