"""Who and what the errands need: an organization, two rooms (one asks before anything is sent), people, teams, tokens.

Imported only after Django is set up on the installation.
"""

from dataclasses import dataclass

from accounts.actions.organizations import add_member, create_organization
from accounts.actions.tokens import create_token
from accounts.models import User
from accounts.tenancy import unit_of_work
from benchmarks.under_fire.errands import ERRANDS
from orchestration.actions.means import set_target
from orchestration.actions.teams import publish_team, save_draft
from orchestration.teams.dumping import dump
from workrooms.actions.participants import add_participant
from workrooms.actions.rooms import create_workroom
from workrooms.actions.rules import set_rules

ASK_FIRST = """
@id("sends") @ask @reason("Whatever leaves the house is looked at first.")
forbid(principal, action == Action::"send", resource);
"""
PEOPLE = {"ed": "editor", "pat": "approver", "paula": "approver"}


@dataclass(frozen=True, slots=True)
class Office:
    """Ids of the organization and its rooms, and the secret of a token of each person."""

    organization: str
    rooms: dict[str, str]
    tokens: dict[str, str]


def furnish(target: str) -> Office:
    """Make everything; `target` is where outward calls go."""
    owner = User.objects.create_user("olga@fire.example", None, name="Olga")
    fire = create_organization(owner=owner, name="Fire", slug="fire")
    people = {name: User.objects.create_user(f"{name}@fire.example", None, name=name.title()) for name in PEOPLE}
    rooms: dict[str, str] = {}
    with unit_of_work(fire):
        for person in people.values():
            add_member(fire, actor=owner, user=person)
        for slug in ("free", "asked"):
            room = create_workroom(fire, actor=owner, name=slug.title(), slug=slug)
            rooms[slug] = str(room.id)
            for name, person in people.items():
                add_participant(room, actor=owner, user=person, relation=PEOPLE[name])
            set_target(room, actor=owner, url=target)
            for team, errand in ERRANDS.items():
                draft = save_draft(room, actor=owner, slug=team, text=dump(errand.definition))
                publish_team(draft, actor=owner, note="As it comes")
        set_rules("sends", actor=owner, room=room, text=ASK_FIRST)
        everybody = {"olga": owner, **people}
        tokens = {name: create_token(fire, actor=one, name="fire")[1] for name, one in everybody.items()}
    return Office(str(fire.id), rooms, tokens)
