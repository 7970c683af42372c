"""What a room keeps, how long, and what is erased; for its owners."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.actions.keeping import holds_on, lift_hold, set_hold, set_retention
from accounts.errors import Invalid, Problem
from accounts.models import Ledger, Retention, User
from workrooms.actions.erasing import erase_subject
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page


@require_GET
def keeping(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show holds and retention."""
    return _show(request, access_workroom(request.user, room, "manage_room"))


@require_POST
def hold(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Set a legal hold."""
    found = access_workroom(request.user, room, "manage_room")
    try:
        set_hold(found.id, actor=actor_of(request), reason=request.POST.get("reason", ""))
    except Problem as problem:
        return _show(request, found, problem=problem)
    return redirect(f"/o/{organization}/r/{found.slug}/keeping/")


@require_POST
def lift(request: HttpRequest, organization: str, room: str, hold: Any) -> HttpResponse:
    """Lift a legal hold."""
    found = access_workroom(request.user, room, "manage_room")
    lift_hold(found.id, hold, actor=actor_of(request))
    return redirect(f"/o/{organization}/r/{found.slug}/keeping/")


@require_POST
def retention(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Set how long content is kept; an empty field: for ever."""
    found = access_workroom(request.user, room, "manage_room")
    given = request.POST.get("days", "").strip()
    try:
        if given and not given.isdecimal():
            raise Invalid("Content is kept for a number of days.", [("days", f"expected a number, found {given[:20]}")])
        set_retention(found.id, actor=actor_of(request), days=int(given[:9]) if given else None)
    except Problem as problem:
        return _show(request, found, problem=problem)
    return redirect(f"/o/{organization}/r/{found.slug}/keeping/")


@require_POST
def erase(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Erase a subject's content and say how much there was."""
    found = access_workroom(request.user, room, "manage_room")
    email, reason = request.POST.get("person", "").strip(), request.POST.get("reason", "")
    words = [word for word in request.POST.get("words", "").splitlines() if word.strip()]
    try:
        person = User.objects.filter(email__iexact=email).first() if email else None
        if email and person is None:
            raise Invalid(f"Nobody here has the address {email[:80]}.", [("person", "expected an e-mail address")])
        counts = erase_subject(found, actor=actor_of(request), person=person, words=words, reason=reason)
    except Problem as problem:
        return _show(request, found, problem=problem)
    return _show(request, found, erased=counts)


def _show(
    request: HttpRequest, room: Workroom, *, problem: Problem | None = None, erased: dict[str, int] | None = None
) -> HttpResponse:
    ledger = Ledger.objects.get(pk=room.id)
    context = room_page(request, room, "details", "Keeping", problem=problem, erased=erased)
    context |= {"holds": holds_on(ledger), "retention": Retention.objects.filter(ledger=ledger).first()}
    return render(request, "workrooms/room/keeping.html", context, status=problem.status if problem else 200)
