"""Budgets and quarantine over the API."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller, organization_of
from accounts.errors import NotFound
from accounts.policies import access_organization
from orchestration.actions.allowances import MOST_CENTS, MOST_TOKENS, set_allowance, this_month
from orchestration.actions.quarantining import (
    let_back,
    means_named,
    quarantine,
    quarantine_run,
    release_run,
    target_named,
)
from orchestration.api.agents import Why
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Allowance
from orchestration.policies import access_run
from orchestration.runs.shapes import run_json
from workrooms.models import Workroom
from workrooms.policies import access_workroom

router = Router(tags=["limits"])
WHOLE = "organization"


class Caps(Schema):
    """What may be spent in a month, from this one on; null takes a cap away."""

    cost_cents: Annotated[int, Field(ge=0, le=MOST_CENTS)] | None = None
    tokens: Annotated[int, Field(ge=0, le=MOST_TOKENS)] | None = None


def allowance_json(row: Allowance) -> dict[str, Any]:
    """Return a month's budget: caps (null: none), spent, reserved; cents are rounded up."""
    return {
        "scope": f"workroom:{row.workroom.slug}" if row.workroom else WHOLE,
        "month": f"{row.month:%Y-%m}",
        "cost_cents": None if row.microcents_cap is None else row.microcents_cap // MICROCENTS_PER_CENT,
        "tokens": row.tokens_cap,
        "spent": {
            "cost_cents": -(-row.microcents // MICROCENTS_PER_CENT),
            "tokens": row.tokens,
            "unpriced_tokens": row.unpriced_tokens,
        },
        "reserved": {
            "cost_cents": -(-row.microcents_reserved // MICROCENTS_PER_CENT),
            "tokens": row.tokens_reserved,
        },
    }


@router.get("/budgets/{scope}", summary="What may be spent this month, and what is")
def budget(request: HttpRequest, scope: str) -> dict[str, Any]:
    """`scope` is `organization` or `workroom:SLUG`. Owners of the organization."""
    return allowance_json(this_month(_room(request, scope)))


@router.put("/budgets/{scope}", summary="Cap what may be spent in a month")
def put_budget(request: HttpRequest, scope: str, payload: Caps) -> dict[str, Any]:
    """It counts at once and from month to month. A cap below what is spent stops every further model call."""
    return allowance_json(set_allowance(_room(request, scope), actor=caller(request), **payload.dict()))


@router.post("/endpoints/{slug}/quarantine", summary="Put an endpoint into quarantine")
def hold_endpoint(request: HttpRequest, slug: str, payload: Why) -> dict[str, Any]:
    """No agent asks it until it is released. Owners of the organization."""
    return _hold(request, "endpoint", slug, payload.reason)


@router.post("/endpoints/{slug}/release", summary="Let an endpoint be asked again")
def free_endpoint(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Out of quarantine, or out of its rest after failures. Owners of the organization."""
    return _free(request, "endpoint", slug)


@router.post("/sources/{slug}/quarantine", summary="Put a source into quarantine")
def hold_source(request: HttpRequest, slug: str, payload: Why) -> dict[str, Any]:
    """No agent reads it until it is released. Owners of the organization."""
    return _hold(request, "source", slug, payload.reason)


@router.post("/sources/{slug}/release", summary="Let a source be read again")
def free_source(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Owners of the organization."""
    return _free(request, "source", slug)


@router.post("/workrooms/{room}/target/quarantine", summary="Let nothing be sent out of a room")
def hold_target(request: HttpRequest, room: str, payload: Why) -> dict[str, Any]:
    """Managers of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    quarantine(target_named(found), actor=caller(request), reason=payload.reason, room=found)
    return {"target": found.slug, "quarantined": True}


@router.post("/workrooms/{room}/target/release", summary="Let outward calls be made again")
def free_target(request: HttpRequest, room: str) -> dict[str, Any]:
    """Managers of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    let_back(target_named(found), actor=caller(request))
    return {"target": found.slug, "quarantined": False}


@router.post("/runs/{run}/quarantine", summary="Put a whole run into quarantine")
def hold_run(request: HttpRequest, run: UUID, payload: Why) -> dict[str, Any]:
    """It is paused at once, turns under way included, until a manager of the room releases it."""
    found = quarantine_run(
        access_run(caller(request), run, "manage_room"), actor=caller(request), reason=payload.reason
    )
    return run_json(access_run(caller(request), found.id))


@router.post("/runs/{run}/release", summary="Let a run out of quarantine")
def free_run(request: HttpRequest, run: UUID) -> dict[str, Any]:
    """It goes on where it was. Managers of the room."""
    found = release_run(access_run(caller(request), run, "manage_room"), actor=caller(request))
    return run_json(access_run(caller(request), found.id))


def _owner(request: HttpRequest) -> None:
    access_organization(caller(request), organization_of(request), owner=True)


def _room(request: HttpRequest, scope: str) -> Workroom | None:
    _owner(request)
    kind, _, slug = scope.partition(":")
    if scope != WHOLE and kind != "workroom":
        raise NotFound("There is no such budget: expected organization, or workroom:SLUG.")
    return None if scope == WHOLE else access_workroom(caller(request), slug)


def _hold(request: HttpRequest, kind: str, slug: str, reason: str) -> dict[str, Any]:
    _owner(request)
    quarantine(means_named(kind, slug), actor=caller(request), reason=reason)
    return {kind: slug, "quarantined": True}


def _free(request: HttpRequest, kind: str, slug: str) -> dict[str, Any]:
    _owner(request)
    let_back(means_named(kind, slug), actor=caller(request))
    return {kind: slug, "quarantined": False}
