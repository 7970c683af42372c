"""The named cast: who every test is about.

Alice owns the room, Bob edits, Pat approves, Olivia audits, Vera views, Charlie belongs to the organization, not to the
room, Ada is an agent in it; Mallory is another tenant with a room of her own.
"""

from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.actions.organizations import add_member, create_organization
from accounts.models import Organization, User
from accounts.tenancy import unit_of_work
from workrooms.actions.participants import add_participant
from workrooms.actions.rooms import create_workroom
from workrooms.models import Workroom

PASSWORD = "correct horse battery"
RELATIONS = {"bob": "editor", "pat": "approver", "olivia": "auditor", "vera": "viewer"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Two organizations, their rooms, and the people in and around them."""

    harbor: Organization
    room: Workroom
    alice: User
    bob: User
    pat: User
    olivia: User
    vera: User
    charlie: User
    ada: User
    outsider: Organization
    mallory: User
    burrow: Workroom

    @property
    def path(self) -> str:
        """The path of the room's pages."""
        return f"/o/{self.harbor.slug}/r/{self.room.slug}/"


def person(name: str) -> User:
    """Create a person called `name` who signs in with PASSWORD."""
    user = User.objects.create_user(f"{name.lower()}@example.test", name=name)
    user.password = _hashed()
    user.save(update_fields=["password"])
    return user


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def make_cast() -> Cast:
    """Create everybody."""
    people = {name: person(name.capitalize()) for name in ("alice", *RELATIONS, "charlie", "mallory")}
    alice, ada = people["alice"], User.objects.create_agent("Ada")
    harbor = create_organization(owner=alice, name="Harbor", slug="harbor")
    with unit_of_work(harbor):
        room = create_workroom(harbor, actor=alice, name="Auto claims", slug="auto-claims")
        for name in (*RELATIONS, "charlie"):
            add_member(harbor, actor=alice, user=people[name])
        for name, relation in RELATIONS.items():
            add_participant(room, actor=alice, user=people[name], relation=relation)
        add_participant(room, actor=alice, user=ada, relation="agent")
    outsider = create_organization(owner=people["mallory"], name="Outsider", slug="outsider")
    with unit_of_work(outsider):
        burrow = create_workroom(outsider, actor=people["mallory"], name="Burrow", slug="burrow")
    return Cast(harbor=harbor, room=room, ada=ada, outsider=outsider, burrow=burrow, **people)


def signed_in(user: User) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client
