"""API v1: legal holds over the whole organization, for its owners."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.actions.keeping import lift_hold, set_hold
from accounts.api import caller, organization_of
from accounts.models import LegalHold
from accounts.policies import access_organization

router = Router(tags=["keeping"])


class NewHold(Schema):
    """Why everything must be kept."""

    reason: str


def hold_json(hold: LegalHold) -> dict[str, Any]:
    """Return a hold as programs see it."""
    return {
        "id": str(hold.id),
        "reason": hold.reason,
        "set_by": str(hold.set_by_id),
        "set_at": hold.created_at,
        "lifted_by": str(hold.lifted_by_id) if hold.lifted_by_id else None,
        "lifted_at": hold.lifted_at,
    }


def holds_json(ledger_id: UUID) -> dict[str, Any]:
    """Return the holds on a ledger, the newest first, lifted ones too."""
    return {"items": [hold_json(hold) for hold in LegalHold.objects.filter(ledger_id=ledger_id)], "next": None}


@router.get("/organization/holds", summary="Legal holds on the whole organization")
def holds(request: HttpRequest) -> dict[str, Any]:
    """The newest first, lifted ones too. Owners only."""
    return holds_json(_owned(request))


@router.post("/organization/holds", response={201: dict[str, Any]}, summary="Set a legal hold on everything")
def hold(request: HttpRequest, payload: NewHold) -> tuple[int, dict[str, Any]]:
    """Until it is lifted nothing of any room is erased. Owners only."""
    return 201, hold_json(set_hold(_owned(request), actor=caller(request), reason=payload.reason))


@router.delete("/organization/holds/{hold}", summary="Lift a legal hold on everything")
def lift(request: HttpRequest, hold: UUID) -> dict[str, Any]:
    """The hold stays in the list, with when it was lifted. Owners only."""
    return hold_json(lift_hold(_owned(request), hold, actor=caller(request)))


def _owned(request: HttpRequest) -> UUID:
    organization = organization_of(request)
    access_organization(caller(request), organization, owner=True)
    return organization.id
