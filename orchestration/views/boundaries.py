"""What may leave a room, and what has which label: set and seen by people."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.authority.labels import LEVELS
from accounts.authority.patterns import KINDS
from accounts.clearances import limited_people
from accounts.errors import Invalid, Problem
from accounts.models import Membership, ObjectClearance
from accounts.policies import access_organization
from accounts.relations import permissions_of
from orchestration.actions.boundaries import boundary_of, set_egress, set_redaction
from orchestration.actions.labels import clear, label_object
from orchestration.actions.lending import lent_in, take_back
from orchestration.boundaries.naming import labelled_in
from orchestration.inference.endpoints import installation_endpoint
from orchestration.models import Endpoint, Source, Target
from workrooms.entries import room_path
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, organization_of, room_page


@require_GET
def show(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show labels, what is taken out of text, where agents may reach, clearances, and what is lent."""
    return _page(request, access_workroom(request.user, room))


@require_POST
def label(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Label something of the room, or leave it to the room's label."""
    found, posted = access_workroom(request.user, room, "manage_room"), request.POST
    given: dict[str, Any] | None = None
    if posted.get("level"):
        given = {"level": posted["level"], "tags": _listed(posted.get("tags", ""))}
        for name in ("residency", "purposes"):
            if limited := _listed(posted.get(name, "")):
                given[name] = limited
    return _set(request, found, lambda: label_object(found, posted.get("object", ""), given, actor=actor_of(request)))


@require_POST
def egress(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Say where agents of the room may reach outside."""
    found = access_workroom(request.user, room, "manage_room")
    hosts = _listed(request.POST.get("hosts", "")) if request.POST.get("limit") else None
    return _set(request, found, lambda: set_egress(found, actor=actor_of(request), hosts=hosts))


@require_POST
def redaction(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Say what is taken out of text, and what the text then counts as."""
    found, posted = access_workroom(request.user, room, "manage_room"), request.POST

    def change() -> object:
        return set_redaction(
            found,
            actor=actor_of(request),
            kinds=posted.getlist("kinds"),
            shapes=_shapes(posted.get("shapes", "")),
            up_to=posted.get("up_to", ""),
            level=posted.get("level", "internal"),
            tags=_listed(posted.get("tags", "")),
        )

    return _set(request, found, change)


@require_POST
def clearance(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Say what may flow to a place, or what a person may see. For owners of the organization."""
    found, posted = access_workroom(request.user, room), request.POST
    access_organization(request.user, organization_of(request), owner=True)
    places, eligible = _listed(posted.get("places", "")), _listed(posted.get("eligible", ""))
    return _set(
        request,
        found,
        lambda: clear(
            posted.get("object", ""),
            actor=actor_of(request),
            level=posted.get("level") or None,
            places=places,
            eligible=eligible,
        ),
    )


@require_POST
def lending(request: HttpRequest, organization: str, room: str, lending: UUID) -> HttpResponse:
    """Take back what was lent."""
    found = access_workroom(request.user, room, "decide_approval")
    return _set(request, found, lambda: take_back(found, lending, actor=actor_of(request)))


def _set(request: HttpRequest, room: Workroom, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except Problem as problem:
        return _page(request, room, problem)
    return redirect(f"{room_path(room)}boundaries/")


def _page(request: HttpRequest, room: Workroom, problem: Problem | None = None) -> HttpResponse:
    actor = actor_of(request)
    membership = access_organization(actor, organization_of(request))
    boundary = boundary_of(room)
    context = room_page(request, room, "people", "Boundaries", problem=problem, boundary=boundary)
    context |= {
        "levels": LEVELS,
        "kinds": [(kind, kind in boundary.kinds) for kind in KINDS],
        "labelled": labelled_in(actor, room),
        "chosen": request.POST.get("object", request.GET.get("object", "")),
        "sources": list(Source.objects.usable_in(room).order_by("slug").values_list("slug", flat=True)),
        "owns": membership.role == Membership.Role.OWNER,
        "places": _places(room, context["shell"]["people"]),
        "lendings": lent_in(room),
        "may_take_back": "decide_approval" in permissions_of(actor, room),
    }
    status = problem.status if problem else 200
    return render(request, "orchestration/authority/boundaries.html", context, status=status)


def _places(room: Workroom, people: list[Any]) -> list[dict[str, Any]]:
    """Return the endpoints, the target and the people of the room with their clearances, or None where unsaid."""
    known = {row.object: row for row in ObjectClearance.objects.all()}
    endpoints = [*Endpoint.objects.order_by("slug").values_list("slug", flat=True)]
    endpoints += ["installation"] if installation_endpoint() else []
    target = Target.objects.filter(workroom=room).first()
    named = [(f"endpoint:{slug}", f"model endpoint {slug}") for slug in endpoints]
    named += [(f"target:{target.id}", f"target {target.url}")] if target else []
    named += [(f"person:{each.user.id}", each.user.name) for each in people]
    limited = {f"person:{person}" for person in limited_people(room)}
    return [
        {"object": object, "name": name, "person": object.startswith("person:"), "row": known.get(object),
         "limited": object in limited}
        for object, name in named
    ]  # fmt: skip


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _shapes(text: str) -> dict[str, str]:
    """Read `name = shape`, one a line. Raises Invalid."""
    lines = [line.partition("=") for line in text.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in lines):
        raise Invalid("This redaction cannot be used.", [("shapes", "expected name = shape, one a line")])
    return {name.strip(): shape.strip() for name, _, shape in lines}
