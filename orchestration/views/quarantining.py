"""One click: an endpoint, a source, a room's target or a whole run is put out of use, and back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.policies import access_organization
from orchestration.actions.quarantining import (
    let_back,
    means_named,
    quarantine,
    quarantine_run,
    release_run,
    target_named,
)
from orchestration.policies import access_run
from orchestration.views.means import change_means
from workrooms.entries import room_path
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, organization_of


@require_POST
def means(request: HttpRequest, organization: str) -> HttpResponse:
    """`kind` endpoint, source (`name` is its slug) or target (of a room); `on` empty lets it be used again."""
    access_organization(request.user, organization_of(request), owner=True)
    kind, name, actor = request.POST.get("kind", ""), request.POST.get("name", ""), actor_of(request)

    def change() -> None:
        room = access_workroom(request.user, name, "manage_room") if kind == "target" else None
        object = target_named(room) if room else means_named("source" if kind == "source" else "endpoint", name)
        if request.POST.get("on"):
            quarantine(object, actor=actor, reason=f"{actor.name} said so.", room=room)
        else:
            let_back(object, actor=actor)

    return change_means(request, change)


@require_POST
def run(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Put a run into quarantine; `on` empty lets it go on."""
    found = access_workroom(request.user, room, "manage_room")
    row, actor = access_run(request.user, str(number), "manage_room", found), actor_of(request)
    if request.POST.get("on"):
        quarantine_run(row, actor=actor, reason=f"{actor.name} said so.")
    else:
        release_run(row, actor=actor)
    return redirect(f"{room_path(found)}runs/{row.number}/")
