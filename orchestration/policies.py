"""The only doors to runs, teams and approvals: fetch or refuse."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import User
from accounts.relations import permissions_of
from orchestration.models import Approval, Run, Team, Trial
from workrooms.models import Participant, Workroom
from workrooms.policies import access_workroom, as_uuid, check_cleared


def access_run(actor: User | Any, run: UUID | str, permission: str = "view", room: Workroom | None = None) -> Run:
    """Return a root run by id, or by number within `room`, if `actor` has `permission` in its room."""
    rows = Run.objects.filter(parent=None).select_related(
        "workroom__organization",
        "version__team__published",
        "requester",
        "budget",
        "headline",
        "thread",
        "batch",
        "forked_from",
    )
    rows = rows.filter(workroom=room) if room is not None else rows
    found: Run | None
    if room is not None and str(run).isdecimal():
        found = rows.filter(number=int(run)).first()
    else:
        found = rows.filter(pk=identity).first() if (identity := as_uuid(run)) else None
    missing = NotFound("There is no such run in a room of yours.")
    if found is None:
        raise missing
    access_workroom(actor, found.workroom, permission)
    check_cleared(actor, found.workroom, f"run:{found.id}", missing)
    return found


def access_team(actor: User | Any, room: Workroom, team: UUID | str, permission: str = "view") -> Team:
    """Return a team of `room` by slug or id."""
    access_workroom(actor, room, permission)
    rows = Team.objects.filter(workroom=room).select_related("published", "workroom__organization")
    identity = as_uuid(team)
    found: Team | None = rows.filter(pk=identity).first() if identity else rows.filter(slug=team).first()
    if found is None:
        raise NotFound(f"There is no team of that name in {room.name}.")
    return found


def access_trial(actor: User | Any, trial: UUID | str, permission: str = "view", room: Workroom | None = None) -> Trial:
    """Return a trial of a draft, of `room` if it is said, if `actor` has `permission` in its room."""
    rows = Trial.objects.select_related("workroom__organization", "team", "requester")
    rows = rows.filter(workroom=room) if room is not None else rows
    identity = as_uuid(trial)
    found: Trial | None = rows.filter(pk=identity).first() if identity else None
    if found is None:
        raise NotFound("There is no such trial in a room of yours.")
    access_workroom(actor, found.workroom, permission)
    return found


def access_approval(actor: User | Any, approval: UUID | str) -> Approval:
    """Return an approval of a room that `actor` may see."""
    rows = Approval.objects.select_related(
        "workroom__organization", "run__root", "run__version__team", "turn__user", "requester", "entry"
    )
    identity = as_uuid(approval)
    found: Approval | None = rows.filter(pk=identity).first() if identity else None
    missing = NotFound("There is no such approval in a room of yours.")
    if found is None:
        raise missing
    access_workroom(actor, found.workroom)
    check_cleared(actor, found.workroom, f"run:{found.run.root_id_or_own}", missing)
    return found


def may_decide(actor: User, approval: Approval) -> str | None:
    """Return None when `actor` may decide the approval, else the sentence that says why not."""
    return _why_not(actor, relation_of(actor, approval.workroom), approval)


def _why_not(actor: User, relation: str | None, approval: Approval) -> str | None:
    if approval.not_requester and approval.requester_id == actor.id:
        return "You asked for this, so somebody else has to decide."
    allowed = {approval.relation, *(["owner"] if approval.escalated_at else [])}
    if approval.relation == "editor":
        allowed |= {"approver", "owner"}
    if relation not in allowed or "view" not in permissions_of(actor, approval.workroom):
        return f"This is for {approval.relation}s of {approval.workroom.name} to decide; you are {relation or 'none'}."
    if approval.quorum > 1 and _has_voted(actor, approval):
        return f"You said yes; it waits for {approval.quorum - len(approval.votes)} more."
    return None


def _has_voted(actor: User, approval: Approval) -> bool:
    yes = approval.decisions.filter(user=actor, digest=approval.digest)
    return bool(yes.filter(decision__in=("approve", "edit")).exists())


def relation_of(user: User, room: Workroom) -> str | None:
    """Return the relation of `user` to `room`."""
    found: str | None = Participant.objects.filter(workroom=room, user=user).values_list("relation", flat=True).first()
    return found


def deciders(approval: Approval, people: Iterable[Participant] | None = None) -> list[Participant]:
    """Return the participants who may decide the approval now; `people` are the room's, where they are at hand."""
    if people is None:
        people = Participant.objects.filter(workroom=approval.workroom).exclude(relation="agent").select_related("user")
    return [one for one in people if _why_not(one.user, one.relation, approval) is None]
