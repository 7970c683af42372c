"""People who ask for access and people who answer, and everything that anybody may do: what the tests of it share."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from pytest import MonkeyPatch

from accounts.errors import NotFound
from accounts.models import User
from accounts.relations import permissions_of
from accounts.tenancy import unit_of_work
from orchestration.access.asking import ask_for_access
from orchestration.access.deciding import decide_access
from orchestration.access.wanted import Given
from orchestration.models import AccessRequest, Source
from orchestration.tasks import end_access
from tests.cast import Cast
from workrooms.models import Document, Workroom
from workrooms.policies import access_admitted, access_document

PEOPLE = ("alice", "bob", "pat", "olivia", "vera", "charlie", "ada")


def ask(cast: Cast, who: User, until: datetime | None = None, **given: str) -> AccessRequest:
    """`who` asks about the claims room."""
    with unit_of_work(cast.harbor):
        return ask_for_access(
            actor=who, given=Given(**{"room": "auto-claims", **given}), reason="For the audit.", until=until
        )


def answer(cast: Cast, row: AccessRequest, who: User, decision: str = "approve") -> AccessRequest:
    """`who` answers."""
    with unit_of_work(cast.harbor):
        return decide_access(row, actor=who, decision=decision, note="Because.")


def abilities(cast: Cast) -> set[tuple[str, str]]:
    """Everything that anybody of Harbor may do in its rooms, read there, and have queried there, at this moment."""
    found: set[tuple[str, str]] = set()
    with unit_of_work(cast.harbor):
        rooms, documents = list(Workroom.objects.all()), list(Document.objects.all())
        for name in PEOPLE:
            user = getattr(cast, name)
            for room in rooms:
                found |= {(name, f"{codename} in {room.slug}") for codename in permissions_of(user, room)}
            found |= {(name, f"reads {row.name}") for row in documents if _reads(access_document, user, row)}
            found |= {(name, f"was given {row.name}") for row in documents if _reads(access_admitted, user, row)}
        for room in rooms:
            found |= {("agents", f"query {one.slug} in {room.slug}") for one in Source.objects.usable_in(room)}
    return found


def _reads(door: Any, user: User, document: Document) -> bool:
    try:
        return bool(door(user, document.id))
    except NotFound:
        return False


def travel(monkeypatch: MonkeyPatch, to: datetime) -> None:
    """Let it be `to` wherever the product looks at the clock."""
    monkeypatch.setattr(timezone, "now", lambda: to)


def sweep(cast: Cast) -> None:
    """Do what is done every few seconds: the times in the database are moved to the past of its own clock."""
    with unit_of_work(cast.harbor):
        past = "2020-01-01T00:00:00Z"
        AccessRequest.objects.filter(state="granted").exclude(until=None).update(until=past)
    end_access()
