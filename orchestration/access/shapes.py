"""A request for access as pages and programs read it: what it is about, and what may be told to who looks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from orchestration.access.asking import shown_state
from orchestration.access.reading import deciders_of, given_in, holds, path_of, right_over
from orchestration.models import AccessRequest, Source
from orchestration.policies import Right
from workrooms.entries import user_json
from workrooms.models import Document, Participant, Workroom
from workrooms.policies import is_cleared

KINDS = AccessRequest.Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decider reads: `title` says who asks for what, `gives` what a yes would give, `before` what they hold."""

    title: str
    gives: str
    before: str


def asked_for(row: AccessRequest) -> Asked:
    """Return the words for a request, for who may decide it."""
    who, room = row.requester.name, row.workroom.name if row.workroom else ""
    if row.kind == KINDS.RELATION:
        held = Participant.objects.filter(workroom=row.workroom_id, user=row.requester_id).first()
        now = held.relation_now if held else ""
        before = f"{who} is {now} here now." if now else f"{who} is not in this room and cannot see that it exists."
        return Asked(f"{who} asks to be {row.relation} of {room}", f"{who} is {row.relation} of {room}", before)
    if row.kind == KINDS.DOCUMENT:
        found = Document.objects.filter(pk=row.object.partition(":")[2]).first()
        name = found.name if found else "a document that is gone"
        before = f"{who} has a link to it and cannot see that it exists."
        return Asked(f"{who} asks to read {name}", f"{who} can read {name}, this document and nothing else", before)
    source = Source.objects.filter(pk=row.object.partition(":")[2]).first() if row.object else None
    name = row.named.split(" ")[1]
    before = "Agents of this room cannot query it now." if source else "There is no source of this name."
    return Asked(f"{who} asks for the source {name} in {room}", f"Agents in {room} can query the source {name}, "
                 "as far as their team grants it to them", before)  # fmt: skip


def given_to_show(room: Workroom, viewer: User) -> list[dict[str, Any]]:
    """Return what was given on request in `room` and holds now, as far as `viewer` may see what it is about."""
    rows = [row for row in given_in(room) if row.kind != KINDS.DOCUMENT or is_cleared(viewer, room, row.object)]
    return [
        {
            "row": row,
            "title": asked_for(row).gives,
            "path": path_of(row),
            "may_end": _may_end(viewer, row),
        }
        for row in rows
    ]


def _may_end(viewer: User, row: AccessRequest) -> bool:
    lasting = row.kind == KINDS.RELATION and row.until is None
    return not lasting and right_over(viewer, row) is not None


def request_json(row: AccessRequest, viewer: User, right: Right) -> dict[str, Any]:
    """Return a request as the API gives it to `viewer`, who made it or may decide it.

    To who made it, a no about what they may not know of looks like no answer, and nothing tells whether it exists.
    """
    mine = row.requester_id == viewer.id
    told = not (mine and row.hidden) or row.state == AccessRequest.State.GRANTED
    state = shown_state(row) if mine else row.state
    shown = {
        "id": str(row.id),
        "kind": row.kind,
        "named": row.named,
        "requester": user_json(row.requester),
        "reason": row.reason,
        "until": _iso(row.until),
        "deadline": row.deadline.isoformat(),
        "state": state,
        "may_decide": state == AccessRequest.State.OPEN and right.refusal is None,
        "for_whom": user_json(right.for_whom),
        "decided_by": user_json(row.decided_by) if told else None,
        "on_behalf_of": user_json(row.on_behalf_of) if told else None,
        "note": row.note if told else "",
        "decided_at": _iso(row.decided_at) if told else None,
        "holds": row.state == AccessRequest.State.GRANTED and row.ended_at is None and holds(row),
        "created_at": row.created_at.isoformat(),
    }
    if mine:
        return shown
    about = {"room": str(row.workroom_id), "object": row.object, "relation": row.relation or None}
    return shown | about | {"title": asked_for(row).title, "deciders": [user_json(one) for one in deciders_of(row)]}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
