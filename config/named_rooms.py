"""Rooms as the operator names them on the command line: ORGANIZATION/ROOM."""

from django.core.management.base import CommandError

from accounts.models import Organization, User
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work
from workrooms.models import Participant, Workroom


def room_named(text: str) -> Workroom:
    """Return the room, with its organization; raises CommandError that names what is there."""
    slug, _, room = text.partition("/")
    if not slug or not room:
        raise CommandError(f"{text!r} names no room: expected ORGANIZATION/ROOM, for example harbor/auto-claims.")
    organization = organization_called(slug)
    with unit_of_work(organization):
        found: Workroom | None = Workroom.objects.filter(slug=room).select_related("organization").first()
        if found is None:
            known = ", ".join(Workroom.objects.order_by("slug").values_list("slug", flat=True)) or "none"
            raise CommandError(f"{organization.name} has no room {room!r}; its rooms: {known}.")
    return found


def organization_called(slug: str) -> Organization:
    """Return the organization with `slug`; raises CommandError."""
    for organization_id in all_organizations():
        with unit_of_work(organization_id):
            organization: Organization = Organization.objects.get(pk=organization_id)
        if organization.slug == slug:
            return organization
    raise CommandError(f"There is no organization {slug!r}.")


def owner_of(room: Workroom) -> User:
    """Return the room's first owner, for whom the command acts. Call it inside a unit of work."""
    owners = Participant.objects.filter(workroom=room, relation=Participant.Relation.OWNER).order_by("created_at")
    first = owners.select_related("user").first()
    if first is None:
        raise CommandError(f"{room.name} has no owner.")
    user: User = first.user
    return user
