"""Relations given on request: for good, or until a time, after which the one before holds again."""

from datetime import datetime

from accounts.actions.consents import end_consents
from accounts.errors import Conflict
from accounts.models import User
from accounts.relations import PERMISSIONS, grant, revoke
from workrooms.actions.participants import add_participant, changed, locked_participant
from workrooms.models import Participant, Workroom


def give_relation(
    room: Workroom, *, actor: User, user: User, relation: str, until: datetime | None, on_behalf_of: User | None
) -> None:
    """Raise a person of the organization to `relation`, or bring them in; for good without `until`.

    Raises Conflict when they hold as much already.
    """
    row = locked_participant(room, user)
    payload = {"until": until.isoformat()} if until else {}
    if row is None:
        add_participant(room, actor=actor, user=user, relation=relation, until=until, on_behalf_of=on_behalf_of)
        return
    if not holds_less(row, relation):
        raise Conflict(f"{user.name} is {row.relation} of {room.name} already.")
    before = row.relation
    lasting = before if row.until is None else row.afterwards
    row.relation, row.until, row.afterwards = relation, until, lasting if until else ""
    row.save(update_fields=["relation", "until", "afterwards"])
    grant(actor, user, relation, room, until)
    changed(room, actor, user, "participant.changed", {"relation": relation, "before": before, **payload}, on_behalf_of)


def holds_less(row: Participant, relation: str) -> bool:
    """True when `relation` is more than what the person holds for good."""
    lasting = row.relation if row.until is None else row.afterwards
    return not lasting or PERMISSIONS[lasting] < PERMISSIONS[relation]


def take_relation_back(room: Workroom, *, actor: User | None, user: User, relation: str) -> bool:
    """End a relation that holds until a time: the one before holds again, or the person leaves the room.

    False when the person does not hold it until a time any more. `actor` None: its time has come.
    """
    row = locked_participant(room, user)
    if row is None or row.relation != relation or row.until is None:
        return False
    if not row.afterwards:
        row.delete()
        revoke(actor, user, room)
        end_consents(user, actor=actor, room=room)
        changed(room, actor, user, "participant.removed", {"relation": relation})
        return True
    row.relation, row.until, row.afterwards = row.afterwards, None, ""
    row.save(update_fields=["relation", "until", "afterwards"])
    grant(actor, user, row.relation, room)
    changed(room, actor, user, "participant.changed", {"relation": row.relation, "before": relation})
    return True
