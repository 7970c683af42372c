"""What was used, over the API: JSON, or CSV for a spreadsheet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accounts.api import caller, organization_of
from accounts.policies import access_organization
from orchestration.limits.usage import Wanted, in_cents, read_wanted, total, usage
from orchestration.views.usage import usage_csv
from workrooms.models import Workroom
from workrooms.policies import access_workroom

router = Router(tags=["limits"])


@router.get("/organization/usage", summary="Usage of the organization")
def of_organization(request: HttpRequest, by: str = "room", since: str = "", until: str = "") -> dict[str, Any]:
    """`by` room, person, team, agent, run or month; days in UTC, both included; this month if left out. Owners."""
    access_organization(caller(request), organization_of(request), owner=True)
    return usage_json(read_wanted({"by": by, "since": since, "until": until}), None)


@router.get("/organization/usage.csv", summary="The same as CSV")
def of_organization_as_csv(request: HttpRequest, by: str = "room", since: str = "", until: str = "") -> HttpResponse:
    """Owners of the organization."""
    access_organization(caller(request), organization_of(request), owner=True)
    return usage_csv(read_wanted({"by": by, "since": since, "until": until}), None)


@router.get("/workrooms/{room}/usage", summary="Usage of a room")
def of_room(request: HttpRequest, room: str, by: str = "agent", since: str = "", until: str = "") -> dict[str, Any]:
    """`by` person, team, agent, run or month; days in UTC, both included; this month if left out. Managers."""
    found = access_workroom(caller(request), room, "manage_room")
    return usage_json(read_wanted({"by": by, "since": since, "until": until}), found)


@router.get("/workrooms/{room}/usage.csv", summary="The same as CSV")
def of_room_as_csv(
    request: HttpRequest, room: str, by: str = "agent", since: str = "", until: str = ""
) -> HttpResponse:
    """Managers of the room."""
    found = access_workroom(caller(request), room, "manage_room")
    return usage_csv(read_wanted({"by": by, "since": since, "until": until}), found)


def usage_json(wanted: Wanted, room: Workroom | None) -> dict[str, Any]:
    """Return rows and their total."""
    return {
        "by": wanted.by,
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "items": [in_cents(row) for row in usage(wanted, room)],
        "total": in_cents(total(wanted, room)),
        "next": None,
    }
