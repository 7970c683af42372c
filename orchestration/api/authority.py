"""Authority over the API: why, what if, rule sets, labels and clearances."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller, organization_of
from accounts.errors import NotFound
from accounts.models import Lending, Policy, User
from accounts.policies import access_organization
from orchestration.actions.lending import lent_in, take_back
from orchestration.pages.foresight import Cell, explain, matrix
from workrooms.actions.rules import remove_rules, set_rules
from workrooms.models import Participant, Workroom
from workrooms.policies import access_workroom

router = Router(tags=["authority"])


class Question(Schema):
    """May `agent` (its name) use `action` (a tool) on `resource` (a document, a source, a name) for `person` (an id;
    the caller when left out)? `goal` are the words the person would start the run with."""

    room: str
    agent: str
    action: str
    resource: str = ""
    person: UUID | None = None
    goal: str = Field("", max_length=4_000)


class Rules(Schema):
    """A rule set in Cedar; empty for one that ships with the product (gdpr, hipaa, classification)."""

    text: str = ""


@router.post("/authority/explain", summary="What would be decided, and why")
def ask(request: HttpRequest, payload: Question) -> dict[str, Any]:
    """The decision with its five factors. Nothing is done and nothing is kept. About others: managers of the room."""
    actor = caller(request)
    room = access_workroom(actor, payload.room)
    person = actor if payload.person in (None, actor.id) else _other(request, room, payload.person)
    decision = explain(
        room, agent=payload.agent, person=person, tool=payload.action, resource=payload.resource, goal=payload.goal
    )
    return {**decision.as_payload(), "reason": decision.reason, "person": str(person.id), "agent": payload.agent}


@router.get("/workrooms/{room}/authority", summary="What every agent could do for the caller")
def table(request: HttpRequest, room: str) -> dict[str, Any]:
    """Agent by agent, tool by tool, with the relation that the caller's right comes from."""
    cells = matrix(access_workroom(caller(request), room), caller(request))
    return {"items": [_cell(cell) for cell in cells], "next": None}


@router.get("/workrooms/{room}/policies", summary="Rule sets in force in a room")
def policies(request: HttpRequest, room: str) -> dict[str, Any]:
    """The organization's and the room's own."""
    found = access_workroom(caller(request), room)
    rows = Policy.objects.filter(room=None) | Policy.objects.filter(room=found.id)
    return {"items": [_policy(row) for row in rows.order_by("slug", "id")], "next": None}


@router.put("/workrooms/{room}/policies/{slug}", summary="Put a rule set in force in a room")
def put_room_policy(request: HttpRequest, room: str, slug: str, payload: Rules) -> dict[str, Any]:
    """Checked against the schema before it counts; it counts at once, in runs under way too."""
    found = access_workroom(caller(request), room, "manage_room")
    return _policy(set_rules(slug, actor=caller(request), room=found, text=payload.text))


@router.delete("/workrooms/{room}/policies/{slug}", response={204: None}, summary="Take a rule set out of force")
def delete_room_policy(request: HttpRequest, room: str, slug: str) -> tuple[int, None]:
    """Managers of the room."""
    remove_rules(slug, actor=caller(request), room=access_workroom(caller(request), room, "manage_room"))
    return 204, None


@router.get("/workrooms/{room}/lendings", summary="Targets that approvals lent")
def lendings(request: HttpRequest, room: str) -> dict[str, Any]:
    """To a run, or to the room until a time."""
    found = access_workroom(caller(request), room)
    return {"items": [_lending(row) for row in lent_in(found)], "next": None}


@router.delete("/workrooms/{room}/lendings/{lending}", response={204: None}, summary="Take back a lent target")
def delete_lending(request: HttpRequest, room: str, lending: UUID) -> tuple[int, None]:
    """Whoever may decide approvals there."""
    take_back(access_workroom(caller(request), room, "decide_approval"), lending, actor=caller(request))
    return 204, None


@router.put("/policies/{slug}", summary="Put a rule set in force in every room")
def put_policy(request: HttpRequest, slug: str, payload: Rules) -> dict[str, Any]:
    """Owners of the organization."""
    _owner(request)
    return _policy(set_rules(slug, actor=caller(request), text=payload.text))


@router.delete("/policies/{slug}", response={204: None}, summary="Take a rule set of the organization out of force")
def delete_policy(request: HttpRequest, slug: str) -> tuple[int, None]:
    """Owners of the organization."""
    _owner(request)
    remove_rules(slug, actor=caller(request))
    return 204, None


def _owner(request: HttpRequest) -> None:
    access_organization(caller(request), organization_of(request), owner=True)


def _other(request: HttpRequest, room: Workroom, person: UUID | None) -> User:
    access_workroom(caller(request), room, "manage_room")
    found = Participant.objects.select_related("user").filter(workroom=room, user_id=person).first()
    if found is None:
        raise NotFound("There is no such person in this room.")
    user: User = found.user
    return user


def _policy(row: Policy) -> dict[str, Any]:
    return {"slug": row.slug, "room": str(row.room) if row.room else None, "text": row.text or None}


def _lending(row: Lending) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "run": str(row.run) if row.run else None,
        "tool": row.tool,
        "argument": row.slot,
        "value": row.value,
        "until": row.until.isoformat() if row.until else None,
        "lent_by": row.lent_by.name,
        "approval": str(row.approval),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "agent": cell.agent,
        "tool": cell.tool,
        "resource": cell.resource,
        "path": cell.path,
        "reason": cell.decision.reason,
        **cell.decision.as_payload(),
    }
