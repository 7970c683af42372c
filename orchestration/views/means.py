"""Settings of what agents work with: model endpoints, sources, rooms' outward targets. For owners."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Problem
from accounts.models import Membership
from accounts.policies import access_organization
from accounts.relations import permissions_of
from orchestration.actions.means import set_endpoint, set_source, set_target
from orchestration.inference.endpoints import configured, installation_endpoint
from orchestration.limits.breakers import out_of_use
from orchestration.limits.rates import read_burst, read_rate
from orchestration.models import Breaker, Endpoint, Source, Target
from orchestration.sources.places import place_of_source, sources_folder
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, organization_of, page


@require_GET
def index(request: HttpRequest, organization: str) -> HttpResponse:
    """Show them, within the settings page or as a page of its own."""
    return _page(request)


def _page(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    membership = access_organization(request.user, organization_of(request))
    context: dict[str, Any] = {"owns": membership.role == Membership.Role.OWNER, "problem": problem}
    if context["owns"]:
        context |= _everything(request)
    if request.headers.get("HX-Request"):
        return render(request, "orchestration/means/_means.html", context)
    status = problem.status if problem else 200
    return render(request, "orchestration/means/index.html", page(request, "settings", **context), status=status)


def _everything(request: HttpRequest) -> dict[str, Any]:
    rooms = Workroom.objects.of(actor_of(request)).order_by("name")
    managed = [room for room in rooms if "manage_room" in permissions_of(actor_of(request), room)]
    targets = {row.workroom_id: row for row in Target.objects.filter(workroom__in=managed)}
    held = out_of_use("endpoint", "source", "target")
    return {
        "endpoints": [
            {"row": row, "price": configured(row).price, "breaker": held.get(f"endpoint:{row.slug}")}
            for row in Endpoint.objects.order_by("slug")
        ],
        "installation": installation_endpoint(),
        "sources": [
            {"row": row, "breaker": held.get(f"source:{row.id}")}
            for row in Source.objects.prefetch_related("workrooms").order_by("slug")
        ],
        "rooms": [_room(room, targets.get(room.id), held) for room in managed],
        "folder": sources_folder(organization_of(request)),
    }


def _room(room: Workroom, target: Target | None, held: dict[str, Breaker]) -> dict[str, Any]:
    return {"room": room, "target": target, "breaker": held.get(f"target:{target.id}") if target else None}


@require_POST
def endpoint(request: HttpRequest, organization: str) -> HttpResponse:
    """Set a model endpoint; an empty key leaves the one that is kept."""
    given: dict[str, Any] = {
        name: request.POST.get(name, "").strip() for name in ("slug", "url", "model", "key", "price")
    }
    return change_means(request, lambda: set_endpoint(actor=actor_of(request), **given, **_rate(request)))


def _rate(request: HttpRequest) -> dict[str, Any]:
    return {"rate": read_rate(request.POST.get("rate", "")), "burst": read_burst(request.POST.get("burst", ""))}


@require_POST
def source(request: HttpRequest, organization: str) -> HttpResponse:
    """Set a source: a file of the organization's folder, its personal columns, the rooms that may use it."""
    posted = request.POST
    personal = [name.strip() for name in posted.get("personal", "").split(",") if name.strip()]

    def change() -> None:
        rooms = [access_workroom(request.user, room, "manage_room") for room in posted.getlist("rooms")]
        set_source(
            actor=actor_of(request),
            slug=posted.get("slug", "").strip(),
            location=place_of_source(organization_of(request), posted.get("location", "").strip()),
            format=posted.get("format", "csv"),
            columns={name: {"personal": True} for name in personal},
            rooms=rooms,
            **_rate(request),
        )

    return change_means(request, change)


@require_POST
def target(request: HttpRequest, organization: str) -> HttpResponse:
    """Set where a room's outward calls go; an empty address takes the tool away."""

    def change() -> None:
        room = access_workroom(request.user, request.POST.get("room", ""), "manage_room")
        set_target(room, actor=actor_of(request), url=request.POST.get("url", "").strip(), **_rate(request))

    return change_means(request, change)


def change_means(request: HttpRequest, change: Callable[[], object]) -> HttpResponse:
    """Change what an owner may change; say on the page what cannot be."""
    access_organization(request.user, organization_of(request), owner=True)
    try:
        change()
    except Problem as problem:
        return _page(request, problem)
    return redirect("settings", organization=organization_of(request).slug)
