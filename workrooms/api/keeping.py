"""Legal holds, retention and erasure of a room over the API; for its owners."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.actions.keeping import lift_hold, set_hold, set_retention
from accounts.api import caller
from accounts.errors import Invalid
from accounts.keeping_calls import NewHold, hold_json, holds_json
from accounts.models import Retention, User
from workrooms.actions.erasing import erase_subject
from workrooms.models import Workroom
from workrooms.policies import access_workroom

router = Router(tags=["keeping"])


class Keeping(Schema):
    """After how many days content is erased; null keeps it for ever."""

    days: int | None


class Erasure(Schema):
    """Whose content becomes unreadable: a person's, or that of whoever the words name; and why."""

    person: UUID | None = None
    words: list[str] = Field(default_factory=list)
    reason: str


@router.get("/workrooms/{room}/holds", summary="Legal holds on the room")
def holds(request: HttpRequest, room: str) -> dict[str, Any]:
    """The newest first, lifted ones too."""
    return holds_json(_managed(request, room).id)


@router.post("/workrooms/{room}/holds", response={201: dict[str, Any]}, summary="Set a legal hold")
def hold(request: HttpRequest, room: str, payload: NewHold) -> tuple[int, dict[str, Any]]:
    """Until it is lifted nothing of the room is erased, neither on request nor by retention."""
    made = set_hold(_managed(request, room).id, actor=caller(request), reason=payload.reason)
    return 201, hold_json(made)


@router.delete("/workrooms/{room}/holds/{hold}", summary="Lift a legal hold")
def lift(request: HttpRequest, room: str, hold: UUID) -> dict[str, Any]:
    """The hold stays in the list, with when it was lifted."""
    return hold_json(lift_hold(_managed(request, room).id, hold, actor=caller(request)))


@router.get("/workrooms/{room}/retention", summary="How long content is kept")
def retention(request: HttpRequest, room: str) -> dict[str, Any]:
    """In days; null: for ever."""
    days = Retention.objects.filter(ledger_id=_managed(request, room).id).values_list("days", flat=True).first()
    return {"days": days}


@router.put("/workrooms/{room}/retention", summary="Set how long content is kept")
def keep(request: HttpRequest, room: str, payload: Keeping) -> dict[str, Any]:
    """What is older is erased within the hour, again and again, unless a legal hold keeps it."""
    set_retention(_managed(request, room).id, actor=caller(request), days=payload.days)
    return {"days": payload.days}


@router.post("/workrooms/{room}/erasures", response={201: dict[str, int]}, summary="Erase a subject's content")
def erase(request: HttpRequest, room: str, payload: Erasure) -> tuple[int, dict[str, int]]:
    """Messages and documents are emptied, payloads leave the ledger; its proofs still hold. 409 under a legal hold."""
    found = _managed(request, room)
    person = User.objects.filter(pk=payload.person).first() if payload.person else None
    if payload.person and person is None:
        raise Invalid("Nobody has this id.", [("person", "expected the id of a person")])
    actor = caller(request)
    return 201, erase_subject(found, actor=actor, person=person, words=payload.words, reason=payload.reason)


def _managed(request: HttpRequest, room: str) -> Workroom:
    return access_workroom(caller(request), room, "manage_room")
