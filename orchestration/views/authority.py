"""Who and which agent can do what in a room, and the rule sets in force there."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.authority.ruletexts import SHIPPED, read_rules, shipped_text
from accounts.errors import Problem
from accounts.models import Policy
from orchestration.access.shapes import given_to_show
from orchestration.limits.quarantine import quarantine_agent, quarantined, release_agent
from orchestration.limits.resting import resting_agents
from orchestration.models import Agent
from orchestration.pages.foresight import matrix
from workrooms.actions.rules import remove_rules, set_rules
from workrooms.entries import room_path
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page

BACK = re.compile(r"(runs/[0-9]{1,9}|teams/[a-z0-9-]{1,60})/")


@require_GET
def show(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show what each agent could do for the reader, and the rule sets."""
    return _page(request, access_workroom(request.user, room))


@require_POST
def rules(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Put a rule set in force in the room, or take it out."""
    found = access_workroom(request.user, room, "manage_room")
    slug, actor = request.POST.get("slug", ""), actor_of(request)
    try:
        if request.POST.get("on"):
            set_rules(slug, actor=actor, room=found)
        else:
            remove_rules(slug, actor=actor, room=found)
    except Problem as problem:
        return _page(request, found, problem)
    return redirect(f"{room_path(found)}authority/")


@require_POST
def agents(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Put an agent into quarantine, or let it work again: out of quarantine, or out of its rest after failures.

    `back` is the page beneath the room's path to go back to.
    """
    found = access_workroom(request.user, room, "manage_room")
    name, actor, back = request.POST.get("agent", ""), actor_of(request), request.POST.get("back", "")
    try:
        if request.POST.get("on"):
            quarantine_agent(found, name, actor=actor, reason=f"{actor.name} said so.")
        else:
            release_agent(found, name, actor=actor)
    except Problem as problem:
        return _page(request, found, problem)
    return redirect(f"{room_path(found)}{back if BACK.fullmatch(back) else 'authority/'}")


def _page(request: HttpRequest, room: Workroom, problem: Problem | None = None) -> HttpResponse:
    context = room_page(request, room, "people", "Authority", problem=problem, sets=_sets(room))
    context["cells"], context["held"] = matrix(room, actor_of(request)), quarantined(room)
    context["resting"] = resting_agents(room)
    context["given"] = given_to_show(room, actor_of(request))
    context["agents"] = list(Agent.objects.filter(workroom=room).order_by("name").values_list("name", flat=True))
    return render(request, "orchestration/authority/show.html", context, status=problem.status if problem else 200)


def _sets(room: Workroom) -> list[dict[str, Any]]:
    here = {policy.slug: policy for policy in Policy.objects.filter(room=room.id)}
    everywhere = {policy.slug: policy for policy in Policy.objects.filter(room=None)}
    texts = {slug: shipped_text(slug) for slug in SHIPPED}
    texts |= {slug: policy.text for slug, policy in (everywhere | here).items() if policy.text}
    return [
        {
            "slug": slug,
            "on": slug in here,
            "everywhere": slug in everywhere,
            "rules": read_rules(slug, text)[1].values(),
        }
        for slug, text in texts.items()
    ]
