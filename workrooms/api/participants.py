"""Participants over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.api import caller
from accounts.errors import Invalid, NotFound
from accounts.models import Membership, User
from workrooms.actions.participants import add_participant, change_relation, remove_participant
from workrooms.entries import user_json
from workrooms.models import Participant, Workroom
from workrooms.policies import access_workroom

router = Router(tags=["participants"])


class NewParticipant(Schema):
    """Somebody to bring in: `user` (id) or `email` of a member, and the relation."""

    user: UUID | None = None
    email: str = ""
    relation: str


class Relation(Schema):
    """owner, editor, approver, auditor or viewer."""

    relation: str


def participant_json(participant: Participant) -> dict[str, Any]:
    """Return who it is and the relation; `until` when it ends, and what it is `afterwards` (null: out of the room)."""
    return {
        "user": user_json(participant.user),
        "relation": participant.relation_now or None,
        "until": participant.until.isoformat() if participant.until else None,
        "afterwards": participant.afterwards or None,
        "since": participant.created_at.isoformat() if participant.created_at else None,
    }


@router.get("/workrooms/{room}/participants", summary="Who is in a room")
def index(request: HttpRequest, room: str) -> dict[str, Any]:
    """People and agents, by name."""
    found = access_workroom(caller(request), room)
    rows = Participant.objects.filter(workroom=found).select_related("user").order_by("user__name", "id")
    return {"items": [participant_json(row) for row in rows], "next": None}


@router.post("/workrooms/{room}/participants", response={201: dict[str, Any]}, summary="Bring somebody in")
def add(request: HttpRequest, room: str, payload: NewParticipant) -> tuple[int, dict[str, Any]]:
    """Owners of the room; members of the organization only."""
    found = access_workroom(caller(request), room, "manage_room")
    user = _member(payload)
    add_participant(found, actor=caller(request), user=user, relation=payload.relation)
    return 201, participant_json(_participant(found, user.id))


def _member(payload: NewParticipant) -> User:
    members = Membership.objects.select_related("user")
    by = {"user_id": payload.user} if payload.user else {"user__email__iexact": payload.email.strip()}
    found = members.filter(**by).first()
    if found is None:
        raise Invalid("There is no such member of the organization.", [("user", "expected a member's id or email")])
    user: User = found.user
    return user


def _participant(room: Workroom, user: UUID) -> Participant:
    found: Participant | None = Participant.objects.select_related("user").filter(workroom=room, user_id=user).first()
    if found is None:
        raise NotFound("That person is not in this room.")
    return found


@router.patch("/workrooms/{room}/participants/{user}", summary="Give another relation")
def change(request: HttpRequest, room: str, user: UUID, payload: Relation) -> dict[str, Any]:
    """Owners of the room; the last owner stays one."""
    found = access_workroom(caller(request), room, "manage_room")
    row = _participant(found, user)
    return participant_json(change_relation(found, actor=caller(request), user=row.user, relation=payload.relation))


@router.delete("/workrooms/{room}/participants/{user}", response={204: None}, summary="Take somebody out")
def remove(request: HttpRequest, room: str, user: UUID) -> tuple[int, None]:
    """Owners of the room; the last owner cannot go. Their sockets close."""
    found = access_workroom(caller(request), room, "manage_room")
    remove_participant(found, actor=caller(request), user=_participant(found, user).user)
    return 204, None
