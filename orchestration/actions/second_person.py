"""Loosening a team in force takes two people: who wrote it, and another who may decide approvals."""

from accounts.errors import Conflict, Forbidden
from accounts.models import Event, User
from accounts.relations import permissions_of
from accounts.tenancy import current_unit
from orchestration.models import Team, TeamVersion
from orchestration.teams.loosening import Definition, loosened
from workrooms.models import Participant

WRITTEN = ("team.created", "team.drafted")


def agreed_by_two(team: Team, definition: Definition, *, actor: User, rolled_back: bool) -> list[str]:
    """Return what `definition` loosens of the team in force, or raise when `actor` alone may not put it in force.

    Raises Forbidden for someone who may not decide approvals, Conflict for the author. In a room where nobody else
    may decide approvals, its only such person decides alone.
    """
    if team.published is None or not (list_ := loosened(team.published.definition, definition)):
        return []
    told = " ".join(list_)
    others = [one for one in _deciders(team) if one != actor]
    if not others:
        return list_
    if "decide_approval" not in permissions_of(actor, team.workroom):
        raise Forbidden(f"This loosens {team.name}, so someone who decides approvals has to publish it. {told}")
    author = _publisher(team.published) if rolled_back else _author(team)
    if author == actor.ledger_name:
        raise Conflict(f"This loosens {team.name}, so someone else has to publish it. {told}", [("draft", told)])
    return list_


def _deciders(team: Team) -> list[User]:
    people = Participant.objects.filter(workroom=team.workroom, user__kind="person").select_related("user")
    return [one.user for one in people if "decide_approval" in permissions_of(one.user, team.workroom)]


def _publisher(version: TeamVersion) -> str:
    return version.published_by.ledger_name


def _author(team: Team) -> str:
    """Return who wrote the draft last, by the ledger and by what this unit of work is about to add to it."""
    name = f"team:{team.id}"
    waiting = [event.fields for event in current_unit().events]
    mine = [fields["actor"] for fields in waiting if fields["object"] == name and fields["kind"] in WRITTEN]
    if mine:
        return str(mine[-1])
    written = Event.objects.filter(ledger_id=team.workroom_id, object=name, kind__in=WRITTEN).order_by("-seq")
    return str(written.values_list("actor", flat=True).first())
