"""Rooms: opened, renamed, archived, restored."""

from django.db import IntegrityError, transaction

from accounts.actions.naming import checked_name, checked_slug
from accounts.errors import Conflict
from accounts.ledger.record import record
from accounts.models import Ledger, Organization, User
from accounts.relations import grant
from workrooms.models import Participant, Workroom


def create_workroom(
    organization: Organization, *, actor: User, name: str, slug: str = "", purpose: str = ""
) -> Workroom:
    """Open a room whose owner is `actor`; its ledger begins. `slug` is made from the name when empty.

    Raises Invalid for a name or slug that cannot be used, Conflict for a slug that is taken.
    """
    name = checked_name(name, "A workroom")
    wanted = checked_slug(slug, name)
    room: Workroom
    try:
        with transaction.atomic():
            room = Workroom.objects.create(organization=organization, slug=wanted, name=name, purpose=purpose[:300])
    except IntegrityError:
        raise Conflict(f"{organization.name} already has a workroom {wanted!r}.", [("slug", "taken")]) from None
    Ledger.objects.create(id=room.id, organization=organization)
    record("workroom.created", actor=actor, ledger=room.id, object=_name(room), payload={"name": name, "slug": wanted})
    Participant.objects.create(
        organization=organization, workroom=room, user=actor, relation=Participant.Relation.OWNER
    )
    grant(actor, actor, Participant.Relation.OWNER, room)
    return room


def rename_workroom(room: Workroom, *, actor: User, name: str, purpose: str | None = None) -> Workroom:
    """Change the name and purpose; the address stays. Raises Invalid."""
    room.name = checked_name(name, "A workroom")
    room.purpose = room.purpose if purpose is None else purpose[:300]
    room.save(update_fields=["name", "purpose"])
    payload = {"name": room.name, "purpose": room.purpose}
    record("workroom.renamed", actor=actor, ledger=room.id, object=_name(room), payload=payload)
    return room


def archive_workroom(room: Workroom, *, actor: User) -> Workroom:
    """Make the room read-only. Archiving again changes nothing."""
    return _move(room, actor, Workroom.State.ARCHIVED, "workroom.archived")


def restore_workroom(room: Workroom, *, actor: User) -> Workroom:
    """Open an archived room again."""
    return _move(room, actor, Workroom.State.ACTIVE, "workroom.restored")


def _move(room: Workroom, actor: User, state: Workroom.State, event: str) -> Workroom:
    if room.state != state:
        room.state = state
        room.save(update_fields=["state"])
        record(event, actor=actor, ledger=room.id, object=_name(room))
    return room


def _name(room: Workroom) -> str:
    return f"workroom:{room.id}"
