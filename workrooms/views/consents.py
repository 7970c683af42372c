"""What a person lets services do in their name: asked in plain words, listed, taken back with one click."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.consents import (
    check_held,
    checked_days,
    consent_of,
    give_consent,
    refuse_consent,
    revoke_consent,
    standing,
)
from accounts.actions.registering import service_of
from accounts.bounds import VERBS, checked_verbs
from accounts.errors import Problem
from accounts.models import Consent, Service
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, page

USUAL_DAYS = "30"


@require_GET
def index(request: HttpRequest, organization: str) -> HttpResponse:
    """List what the viewer lets services do, and offer to let one do something."""
    return _listed(request)


def _listed(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    actor = actor_of(request)
    found = list(standing(actor))
    rooms = {row.id: row for row in Workroom.objects.filter(pk__in=[each.room for each in found])}
    mine = Workroom.objects.of(actor).filter(state=Workroom.State.ACTIVE).order_by("name")
    context = page(
        request,
        "settings",
        consents=[(each, rooms.get(each.room)) for each in found],
        services=Service.objects.filter(revoked_at=None).select_related("user").order_by("user__name"),
        rooms=mine,
        verbs=VERBS.items(),
        chosen=request.GET,
        chosen_verbs=_verbs(request.GET),
        problem=problem,
    )
    return render(request, "workrooms/consent/index.html", context, status=problem.status if problem else 200)


def _verbs(given: QueryDict) -> list[str]:
    """Return verbs given one by one, or separated by blanks as a scope has them."""
    return [verb for part in given.getlist("verbs") for verb in part.split()]


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, organization: str) -> HttpResponse:
    """Say what exactly a service would be let do; POST with `answer` allow or refuse answers."""
    actor, given = actor_of(request), request.GET if request.method == "GET" else request.POST
    room = access_workroom(actor, given.get("room", ""))
    service = service_of(given.get("service", ""))
    days = given.get("days", USUAL_DAYS)
    try:
        verbs, number = checked_verbs(_verbs(given)), checked_days(int(days) if days.isdecimal() else None)
        if request.method == "GET":
            return _asked(request, room, service, verbs, number)
        if given.get("answer") == "allow":
            give_consent(service, room, actor=actor, verbs=verbs, days=number)
        else:
            refuse_consent(service, room, actor=actor, verbs=verbs)
    except Problem as problem:
        return _listed(request, problem)
    return redirect("consents", organization=organization)


def _asked(request: HttpRequest, room: Workroom, service: Service, verbs: list[str], days: int) -> HttpResponse:
    refusal: Problem | None = None
    try:
        check_held(actor_of(request), room, verbs)
    except Problem as problem:
        refusal = problem
    earlier: Consent | None = standing(actor_of(request)).filter(service=service, room=room.id).first()
    asked: dict[str, Any] = {"room_asked": room, "service": service, "asked": verbs, "days": days}
    words = [VERBS[verb].words for verb in verbs]
    context = page(request, "settings", **asked, words=words, earlier=earlier, problem=refusal)
    return render(request, "workrooms/consent/ask.html", context)


@require_POST
def revoke(request: HttpRequest, organization: str, consent: UUID) -> HttpResponse:
    """Take one of the viewer's consents back."""
    revoke_consent(consent_of(actor_of(request), consent), actor=actor_of(request))
    return redirect("consents", organization=organization)
