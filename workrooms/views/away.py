"""Who decides for you while you are away, and for whom you do."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.members import member_of
from accounts.delegations import planned_by, planned_for
from accounts.errors import Invalid, Problem
from accounts.models import Delegation, Membership, User
from workrooms.actions.delegating import delegate, end_delegation
from workrooms.models import Workroom
from workrooms.policies import access_workroom, as_uuid
from workrooms.shell import actor_of, organization_of, page


@require_http_methods(["GET", "POST"])
def away(request: HttpRequest, organization: str) -> HttpResponse:
    """Show the arrangements; POST makes one."""
    if request.method == "GET":
        return _page(request)
    posted = request.POST
    try:
        room = access_workroom(request.user, posted["room"]) if posted.get("room") else None
        until = moment(posted.get("until", ""), "until")
        if until is None:
            raise Invalid("Say until when.", [("until", "expected a day and a time")])
        delegate(
            actor=actor_of(request),
            deputy=_deputy(request),
            since=moment(posted.get("since", ""), "since"),
            until=until,
            room=room,
        )
    except Problem as problem:
        return _page(request, problem)
    return redirect("away", organization=organization)


@require_POST
def end(request: HttpRequest, organization: str, delegation: UUID) -> HttpResponse:
    """End an arrangement at once."""
    end_delegation(delegation, actor=actor_of(request))
    return redirect("away", organization=organization)


def moment(text: str, field: str) -> dt.datetime | None:
    """Return a time of a form, in UTC when it names no zone; None when nothing was written. Raises Invalid."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Invalid("A time cannot be read.", [(field, f"expected a day and a time, found {text[:40]!r}")])
    return found.replace(tzinfo=found.tzinfo or dt.UTC)


def _deputy(request: HttpRequest) -> User:
    chosen = as_uuid(request.POST.get("deputy", ""))
    if chosen is None:
        raise Invalid("Say who decides for you.", [("deputy", "expected a person")])
    return member_of(organization_of(request), chosen)


def _page(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    actor = actor_of(request)
    members = Membership.objects.exclude(user=actor).select_related("user").order_by("user__name")
    rooms = list(Workroom.objects.of(actor).order_by("name"))
    names: dict[UUID, Any] = {room.id: room.name for room in rooms}

    def shown(rows: list[Delegation]) -> list[dict[str, Any]]:
        return [{"row": row, "room": names.get(row.room) if row.room else None} for row in rows]

    context = page(
        request,
        "settings",
        mine=shown(planned_by(actor)),
        for_others=shown(planned_for(actor)),
        members=[each.user for each in members],
        rooms=rooms,
        now=timezone.now(),
        problem=problem,
        posted=request.POST,
    )
    return render(request, "workrooms/room/away.html", context, status=problem.status if problem else 200)
