"""Boundaries over the API: labels, clearances, what a room takes out of text and where its agents may reach."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller, organization_of
from accounts.models import Boundary, ObjectClearance
from accounts.policies import access_organization
from orchestration.actions.boundaries import boundary_of, set_egress, set_redaction
from orchestration.actions.labels import clear, label_object
from orchestration.boundaries.naming import labelled_in
from workrooms.policies import access_workroom

router = Router(tags=["authority"])


class LabelGiven(Schema):
    """`object` is `workroom`, `document:ID`, `message:ID` or `source:SLUG` (a column: `source:SLUG/COLUMN`); no label:
    the room's."""

    object: str = Field(max_length=300)
    label: dict[str, Any] | None


class ClearanceGiven(Schema):
    """`object` is `endpoint:SLUG`, `target:ID`, `peer:SLUG`, `site:SLUG` or `person:ID`. `places` are jurisdictions,
    `eligible` agreements (gdpr, hipaa), of a person compartments (need:…). `level` null lifts a person's limit."""

    object: str = Field(max_length=200)
    level: str | None
    places: list[str] = []
    eligible: list[str] = []


class RedactionGiven(Schema):
    """`kinds`: email, phone, iban, card, ssn. `shapes` of the room's own, {"policy": "POL-######"}: # is a digit, @ a
    letter, ? either. Text labelled up to `up_to` ("": none) counts as `level`, without `tags`, once they are out."""

    kinds: list[str] = []
    shapes: dict[str, str] = {}
    up_to: str = ""
    level: str = "internal"
    tags: list[str] = []


class BoundariesGiven(Schema):
    """What is left out stays as it is. `hosts`: the only places agents may reach outside ("pay.example",
    "pay.example:8443", "*.example"); null: every target of the room."""

    hosts: list[str] | None = None
    redaction: RedactionGiven | None = None


@router.get("/workrooms/{room}/boundaries", summary="What a room lets out")
def boundaries(request: HttpRequest, room: str) -> dict[str, Any]:
    """Where its agents may reach outside, and what is taken out of text before a model that is not cleared for it."""
    return _boundary(boundary_of(access_workroom(caller(request), room)))


@router.put("/workrooms/{room}/boundaries", summary="Set what a room lets out")
def put_boundaries(request: HttpRequest, room: str, payload: BoundariesGiven) -> dict[str, Any]:
    """Managers of the room. It counts with the next act, in runs under way too."""
    found = access_workroom(caller(request), room, "manage_room")
    if "hosts" in payload.model_fields_set:
        set_egress(found, actor=caller(request), hosts=payload.hosts)
    if payload.redaction is not None:
        set_redaction(found, actor=caller(request), **payload.redaction.dict())
    return _boundary(boundary_of(found))


@router.get("/workrooms/{room}/labels", summary="What is labelled in a room")
def labels(request: HttpRequest, room: str) -> dict[str, Any]:
    """Whatever has a label of its own; everything else has the room's."""
    found = labelled_in(caller(request), access_workroom(caller(request), room))
    return {"items": [{"object": one.object, "name": one.name, "label": one.label} for one in found], "next": None}


@router.put("/workrooms/{room}/labels", response={204: None}, summary="Label data of a room")
def put_label(request: HttpRequest, room: str, payload: LabelGiven) -> tuple[int, None]:
    """Level, tags, residency and purposes. What is not labelled has the label of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    label_object(found, payload.object, payload.label, actor=caller(request))
    return 204, None


@router.get("/clearances", summary="What data may flow where, and who may see what")
def clearances(request: HttpRequest) -> dict[str, Any]:
    """Owners of the organization. What is not listed: places get internal data, people see what their rooms hold."""
    _owner(request)
    rows = ObjectClearance.objects.order_by("object")
    return {"items": [_clearance(row) for row in rows], "next": None}


@router.put("/clearances", response={204: None}, summary="Say what data may flow to a place, or a person may see")
def put_clearance(request: HttpRequest, payload: ClearanceGiven) -> tuple[int, None]:
    """Owners of the organization."""
    _owner(request)
    clear(payload.object, actor=caller(request), level=payload.level, places=payload.places, eligible=payload.eligible)
    return 204, None


def _owner(request: HttpRequest) -> None:
    access_organization(caller(request), organization_of(request), owner=True)


def _boundary(row: Boundary) -> dict[str, Any]:
    named = ("kinds", "shapes", "up_to", "level", "tags")
    return {"hosts": row.hosts, "redaction": {name: getattr(row, name) for name in named}}


def _clearance(row: ObjectClearance) -> dict[str, Any]:
    return {"object": row.object, "level": row.level, "places": row.places, "eligible": row.eligible}
