"""Who is in a room, with which relation. A change reaches open sockets at once."""

from datetime import datetime
from functools import partial

from django.db.transaction import on_commit

from accounts.actions.consents import end_consents
from accounts.errors import Conflict, Forbidden, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import Membership, User
from accounts.relations import PEOPLE_RELATIONS, grant, revoke
from workrooms.broadcasts import broadcast_control, broadcast_refresh
from workrooms.models import Participant, Workroom


def add_participant(
    room: Workroom,
    *,
    actor: User | None,
    user: User,
    relation: str,
    until: datetime | None = None,
    on_behalf_of: User | None = None,
) -> Participant:
    """Bring a person of the organization, or an agent, into the room, for good or until a time.

    Raises Invalid for an unknown relation or a person who is no member, Conflict when already in the room, Forbidden
    for an actor whose own relation ends at a time.
    """
    _check_relation(user, relation)
    _check_lasting(room, actor)
    if not user.is_agent and not Membership.objects.filter(user=user).exists():
        detail = f"{user.name} does not belong to this organization."
        raise Invalid(detail, [("user", "expected a member of the organization")])
    participant, created = Participant.objects.get_or_create(
        workroom=room,
        user=user,
        defaults={"organization_id": room.organization_id, "relation": relation, "until": until},
    )
    if not created:
        raise Conflict(f"{user.name} is in {room.name} already, as {participant.relation}.", [("user", "already in")])
    grant(actor, user, relation, room, until)
    ends = {"until": until.isoformat()} if until else {}
    changed(room, actor, user, "participant.added", {"relation": relation, **ends}, on_behalf_of)
    return Participant(pk=participant.pk, workroom=room, user=user, relation=relation, organization=room.organization)


def change_relation(room: Workroom, *, actor: User, user: User, relation: str) -> Participant:
    """Give a participant another relation, for good. Raises Invalid, NotFound, Conflict for the last owner, Forbidden
    for an actor whose own relation ends at a time."""
    _check_relation(user, relation)
    participant = _participant(room, user)
    if participant.relation == relation:
        return participant
    _check_lasting(room, actor)
    before = participant.relation
    _keep_an_owner(room, participant)
    participant.relation, participant.until, participant.afterwards = relation, None, ""
    participant.save(update_fields=["relation", "until", "afterwards"])
    grant(actor, user, relation, room)
    changed(room, actor, user, "participant.changed", {"relation": relation, "before": before})
    return participant


def remove_participant(room: Workroom, *, actor: User, user: User) -> None:
    """Take someone out of the room; their sockets close. Raises NotFound, Conflict for the last owner."""
    participant = _participant(room, user)
    _keep_an_owner(room, participant)
    participant.delete()
    revoke(actor, user, room)
    end_consents(user, actor=actor, room=room)
    changed(room, actor, user, "participant.removed", {"relation": participant.relation})


def _check_relation(user: User, relation: str) -> None:
    allowed = ("agent",) if user.is_agent else PEOPLE_RELATIONS
    if relation not in allowed:
        detail = f"{relation!r} is no relation {'an agent' if user.is_agent else 'a person'} can have."
        raise Invalid(detail, [("relation", f"expected {', '.join(allowed)}")])


def is_lent(user: User, room: Workroom) -> bool:
    """True when `user` has their relation to `room` only until a time."""
    return bool(Participant.objects.filter(workroom=room, user=user).exclude(until=None).exists())


def _check_lasting(room: Workroom, actor: User | None) -> None:
    if actor is not None and is_lent(actor, room):
        raise Forbidden(f"Your own relation to {room.name} ends at a time, so you cannot give others one.")


def _participant(room: Workroom, user: User) -> Participant:
    found = locked_participant(room, user)
    if found is None:
        raise NotFound(f"{user.name} is not in {room.name}.")
    return found


def locked_participant(room: Workroom, user: User) -> Participant | None:
    """Return the row, locked together with the room so that two changes cannot remove the last two owners at once."""
    Workroom.objects.select_for_update(of=("self",), no_key=True).get(pk=room.pk)
    found: Participant | None = Participant.objects.select_related("user").filter(workroom=room, user=user).first()
    return found


def _keep_an_owner(room: Workroom, participant: Participant) -> None:
    if participant.relation != Participant.Relation.OWNER:
        return
    lasting = Participant.objects.filter(workroom=room, relation=Participant.Relation.OWNER, until=None)
    others = lasting.exclude(pk=participant.pk)
    if not others.exists():
        detail = f"{participant.user.name} is the last owner of {room.name}. Make someone else an owner first."
        raise Conflict(detail, [("relation", "a room needs an owner")])


def changed(
    room: Workroom,
    actor: User | None,
    user: User,
    event: str,
    payload: dict[str, str],
    on_behalf_of: User | None = None,
) -> None:
    """Record what became of a participant, and tell open pages."""
    named = {"user": str(user.id), "name": user.name, **payload}
    record(event, actor=actor, ledger=room.id, object=user.ledger_name, on_behalf_of=on_behalf_of, payload=named)
    on_commit(partial(broadcast_control, room.id, relations=True))
    on_commit(partial(broadcast_refresh, room.id, "people"))
