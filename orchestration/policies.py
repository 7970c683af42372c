"""The only doors to runs, teams and approvals: fetch or refuse."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.delegations import delegations_to, standing_delegations
from accounts.errors import NotFound
from accounts.models import Delegation, User
from accounts.relations import permissions_of
from orchestration.models import Approval, Run, Team, Trial
from workrooms.models import Participant, Workroom
from workrooms.policies import access_workroom, as_uuid, check_cleared, is_cleared


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


@dataclass(frozen=True, slots=True)
class Right:
    """Whether somebody may decide: `refusal` says why not, `for_whom` is who is away and whom they decide for."""

    refusal: str | None = None
    for_whom: User | None = None


def may_decide(actor: User, approval: Approval) -> str | None:
    """Return None when `actor` may decide the approval, else the sentence that says why not."""
    return right_to_decide(actor, approval).refusal


def right_to_decide(actor: User, approval: Approval, delegations: list[Delegation] | None = None) -> Right:
    """Return by which right `actor` may decide the approval: their own first, else that of somebody who is away.

    `delegations` are those of the room that hold now, where they are at hand.
    """
    held = _participant(actor, approval.workroom)
    refusal = _why_not(actor, held, approval)
    if refusal is None:
        return Right()
    if delegations is None:
        delegations = delegations_to(actor, approval.workroom_id)
    mine = [one.person for one in delegations if one.deputy_id == actor.id]
    if mine and held and held.relation_now and _may_stand_in(actor, approval):
        able = (person for person in mine if _could_decide(person, approval))
        if (absent := next(able, None)) is not None:
            return Right(for_whom=absent)
    return Right(refusal)


def standing_for(delegation: Delegation, approval: Approval) -> bool:
    """True when the deputy of a delegation may decide the approval by it."""
    return right_to_decide(delegation.deputy, approval, [delegation]).for_whom is not None


def _may_stand_in(actor: User, approval: Approval) -> bool:
    """True when `actor` could be somebody's deputy here: a person in the room who did not ask and has not voted."""
    present = not actor.is_agent and "view" in permissions_of(actor, approval.workroom)
    return present and approval.requester_id != actor.id and not _has_voted(actor, approval)


def _could_decide(person: User, approval: Approval) -> bool:
    seen = is_cleared(person, approval.workroom, f"run:{approval.run.root_id_or_own}")
    return seen and _why_not(person, _participant(person, approval.workroom), approval) is None


def _why_not(actor: User, held: Participant | None, approval: Approval) -> str | None:
    if approval.not_requester and approval.requester_id == actor.id:
        return "You asked for this, so somebody else has to decide."
    allowed = {approval.relation, *(["owner"] if approval.escalated_at else [])}
    if approval.relation == "editor":
        allowed |= {"approver", "owner"}
    relations = held.relations_now if held else frozenset()
    if relations.isdisjoint(allowed) or "view" not in permissions_of(actor, approval.workroom):
        now = (held.relation_now if held else "") or "none"
        return f"This is for {approval.relation}s of {approval.workroom.name} to decide; you are {now}."
    if approval.quorum > 1 and _has_voted(actor, approval):
        return f"You said yes, or somebody did for you; it waits for {approval.quorum - len(approval.votes)} more."
    return None


def _has_voted(person: User, approval: Approval) -> bool:
    """True when `person` said yes to it as it is now, or somebody did on their behalf: one right gives one vote."""
    yes = approval.decisions.filter(digest=approval.digest, decision__in=("approve", "edit"))
    return bool(yes.filter(Q(user=person) | Q(on_behalf_of=person)).exists())


def relation_of(user: User, room: Workroom) -> str | None:
    """Return the relation of `user` to `room` now."""
    found = _participant(user, room)
    return found.relation_now or None if found else None


def _participant(user: User, room: Workroom) -> Participant | None:
    found: Participant | None = Participant.objects.filter(workroom=room, user=user).first()
    return found


def deciders(approval: Approval, people: Iterable[Participant] | None = None) -> list[Participant]:
    """Return the participants who may decide the approval now; `people` are the room's, where they are at hand."""
    if people is None:
        people = Participant.objects.filter(workroom=approval.workroom).exclude(relation="agent").select_related("user")
    away = list(standing_delegations(approval.workroom_id))
    return [one for one in people if _decides(one, approval, away)]


def _decides(one: Participant, approval: Approval, away: list[Delegation]) -> bool:
    if _why_not(one.user, one, approval) is None:
        return True
    named = any(each.deputy_id == one.user_id for each in away)
    return named and right_to_decide(one.user, approval, away).refusal is None
