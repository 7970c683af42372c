"""Who may give what was asked for, and what is given now."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.authority.labels import Label
from accounts.clearances import may_see
from accounts.delegations import delegations_to, standing_delegations
from accounts.errors import NotFound
from accounts.labelling import labels_of
from accounts.models import Admission, Delegation, Event, Membership, User
from accounts.relations import permissions_of
from orchestration.models import AccessRequest, SourceAccess
from orchestration.policies import Right
from workrooms.actions.participants import is_lent
from workrooms.models import Participant, Workroom
from workrooms.policies import as_uuid, is_cleared

RELATED = ("workroom__organization", "requester", "decided_by", "on_behalf_of")
KINDS = AccessRequest.Kind


def access_to_request(actor: User, request: UUID | str) -> tuple[AccessRequest, Right]:
    """Return a request that `actor` made or may decide, and by which right they may.

    Raises NotFound for everybody else, those who may not decide any more among them.
    """
    identity = as_uuid(request)
    rows = AccessRequest.objects.select_related(*RELATED)
    found: AccessRequest | None = rows.filter(pk=identity).first() if identity else None
    if found is None:
        raise NotFound("There is no such request of yours or for you.")
    if found.requester_id == actor.id:
        return found, Right("You asked for this, so somebody else has to decide.")
    right = right_over(actor, found)
    if right is None:
        raise NotFound("There is no such request of yours or for you.")
    return found, right


def right_over(actor: User, row: AccessRequest, delegations: list[Delegation] | None = None) -> Right | None:
    """Return by which right `actor` may give what is asked for: their own, or that of somebody who is away."""
    room = row.workroom
    if room is None or actor.id == row.requester_id or actor.is_agent:
        return None
    if _may_give(actor, row, room):
        return Right()
    if not _present(actor, row, room):
        return None
    away = delegations_to(actor, room.id) if delegations is None else delegations
    mine = (one.person for one in away if one.deputy_id == actor.id and one.person_id != row.requester_id)
    absent = next((person for person in mine if _may_give(person, row, room)), None)
    return Right(for_whom=absent) if absent is not None else None


def _may_give(person: User, row: AccessRequest, room: Workroom) -> bool:
    """True when `person` could give it by the doors that give such things: owners of the room for good (what is
    lent is not lent on); for what the requester is not cleared for, and for sources, owners of the organization."""
    if not _present(person, row, room):
        return False
    manages = "manage_room" in permissions_of(person, room) and not is_lent(person, room)
    if row.kind == KINDS.RELATION:
        return manages
    if row.kind == KINDS.SOURCE:
        return manages and _owns(person)
    label = labels_of([row.object]).get(row.object, Label("public"))
    return manages if may_see(row.requester, room, label) else _owns(person)


def _present(person: User, row: AccessRequest, room: Workroom) -> bool:
    """True when `person` is in the room and sees what it is about."""
    named = row.object if row.kind == KINDS.DOCUMENT else f"workroom:{room.id}"
    inside = "view" in permissions_of(person, room) and is_cleared(person, room, f"workroom:{room.id}")
    return inside and is_cleared(person, room, named)


def _owns(person: User) -> bool:
    return bool(Membership.objects.filter(user=person, role=Membership.Role.OWNER).exists())


def deciders_of(row: AccessRequest) -> list[User]:
    """Return the people who may decide a request now."""
    if row.workroom_id is None:
        return []
    away = list(standing_delegations(row.workroom_id))
    people = Participant.objects.filter(workroom=row.workroom_id, user__kind="person").select_related("user")
    return [one.user for one in people.order_by("user__name") if right_over(one.user, row, away) is not None]


def open_to(user: User) -> Any:
    """Return the open requests of others about rooms that `user` is in: those among which theirs to decide are."""
    rows = AccessRequest.objects.filter(state=AccessRequest.State.OPEN, workroom__participants__user=user)
    return rows.exclude(requester=user)


def asked_of(user: User) -> list[AccessRequest]:
    """Return the open requests that `user` may decide, the most urgent first."""
    rows = open_to(user).select_related(*RELATED).order_by("deadline", "created_at")
    return [row for row in rows if right_over(user, row) is not None]


def decided_with(user: User, most: int) -> list[AccessRequest]:
    """Return the newest requests that were decided and that `user` could decide."""
    mine = AccessRequest.objects.filter(decided_at__isnull=False, workroom__participants__user=user)
    rows = mine.exclude(requester=user).select_related(*RELATED).order_by("-decided_at")[:most]
    return [row for row in rows if right_over(user, row) is not None]


def given_in(room: Workroom) -> list[AccessRequest]:
    """Return what was given on request in the room and holds now, the newest first."""
    now = timezone.now()
    rows = AccessRequest.objects.filter(workroom=room, state=AccessRequest.State.GRANTED, ended_at=None)
    live = rows.filter(Q(until=None) | Q(until__gt=now)).select_related(*RELATED).order_by("-decided_at")
    return [row for row in live if holds(row)]


def holds(row: AccessRequest) -> bool:
    """True while what was given is still there: people may have changed it by other doors."""
    found: Any
    if row.kind == KINDS.RELATION:
        found = Participant.objects.filter(workroom=row.workroom_id, user=row.requester_id, relation=row.relation)
        return bool(found.filter(until=row.until).exists())
    if row.kind == KINDS.DOCUMENT:
        found = Admission.objects.filter(user=row.requester_id, object=row.object, revoked_at=None)
        return bool(found.filter(until=row.until).exists())
    source = row.object.partition(":")[2]
    found = SourceAccess.objects.filter(workroom=row.workroom_id, source=source, until=row.until)
    return bool(found.exists())


def paths_in(room: Workroom, person: User) -> dict[str, str]:
    """Return how what `person` was given on request comes about, by relation, document or source (ledger names)."""
    return {row.relation or row.object: path_of(row) for row in given_in(room) if _concerns(row, person)}


def _concerns(row: AccessRequest, person: User) -> bool:
    return row.kind == KINDS.SOURCE or row.requester_id == person.id


def number_of(row: AccessRequest) -> int:
    """Return the number under which the room's ledger has the request, 0 where it has none."""
    name = row.object or f"access:{row.id}"
    asked = Event.objects.filter(ledger_id=row.workroom_id, kind="access.requested", object=name)
    told = asked.order_by("-seq").values_list("seq", "payload")
    return next((seq for seq, payload in told if payload and payload.get("request") == str(row.id)), 0)


def path_of(row: AccessRequest) -> str:
    """Return by whom and until when it was given, as a sentence's end."""
    by = row.decided_by.name if row.decided_by else "nobody"
    by = f"{by} for {row.on_behalf_of.name}" if row.on_behalf_of else by
    ends = f", until {row.until:%a %d %b %H:%M} UTC" if row.until else ""
    return f"given by {by} on {row.decided_at:%d %b}{ends}" if row.decided_at else ""
