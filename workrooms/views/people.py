"""Who is in a room."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.consents import acting_in
from accounts.errors import Invalid, NotFound, Problem
from accounts.models import Membership, User
from workrooms.actions.participants import add_participant, change_relation, remove_participant
from workrooms.entries import room_path
from workrooms.models import Participant, Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page

MEANINGS = {
    "owner": "everything, people and archive included",
    "editor": "write, change documents, start runs, edit teams, read and export the ledger",
    "approver": "what an editor may, and decide approvals",
    "auditor": "look on, read and export the ledger",
    "viewer": "look on",
}


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show who is in the room; POST brings somebody in."""
    if request.method == "GET":
        return _show(request, access_workroom(request.user, room))
    found = access_workroom(request.user, room, "manage_room")
    try:
        user = member_with(request.POST.get("email", ""))
        add_participant(found, actor=actor_of(request), user=user, relation=request.POST.get("relation", ""))
    except Problem as problem:
        return _show(request, found, problem)
    return redirect(f"{room_path(found)}people/")


def _show(request: HttpRequest, room: Workroom, problem: Problem | None = None) -> HttpResponse:
    context = room_page(request, room, "people", "People", problem=problem, relations=MEANINGS.items())
    inside = {each.user_id for each in context["shell"]["people"]}
    members = Membership.objects.select_related("user").order_by("user__name")
    context["acting"] = acting_in(room)
    context["candidates"] = [each.user for each in members if each.user_id not in inside]
    return render(request, "workrooms/room/people.html", context, status=problem.status if problem else 200)


def member_with(email: str) -> User:
    """Return the person of this organization with this address. Raises Invalid."""
    found = Membership.objects.select_related("user").filter(user__email__iexact=email.strip()).first()
    if found is None:
        detail = f"Nobody in this organization has the address {email.strip()[:120]!r}."
        raise Invalid(detail, [("email", "expected the address of a member")])
    user: User = found.user
    return user


@require_POST
def person(request: HttpRequest, organization: str, room: str, user: Any) -> HttpResponse:
    """Give a participant another relation, or (`relation=none`) take them out."""
    found = access_workroom(request.user, room, "manage_room")
    row = Participant.objects.select_related("user").filter(workroom=found, user_id=user).first()
    if row is None:
        raise NotFound("That person is not in this room.")
    relation = request.POST.get("relation", "")
    if relation == "none":
        remove_participant(found, actor=actor_of(request), user=row.user)
    else:
        change_relation(found, actor=actor_of(request), user=row.user, relation=relation)
    return redirect(f"{room_path(found)}people/" if row.user_id != actor_of(request).id or relation != "none" else "/")
