"""An organization's own pages: its name, its people, the viewer's tokens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.actions.members import bring_in, take_out
from accounts.actions.organizations import rename_organization
from accounts.actions.tokens import create_token, revoke_token, token_of
from accounts.bounds import VERBS
from accounts.delegations import planned_by
from accounts.errors import Invalid, Problem
from accounts.models import Membership, Organization, Token, User
from accounts.policies import access_organization


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _organization(request: HttpRequest) -> Organization:
    organization: Organization = request.organization  # type: ignore[attr-defined]
    return organization


@require_GET
def settings(request: HttpRequest, organization: str) -> HttpResponse:
    """Show everything that can be set; owners see more."""
    return _page(request)


def _page(request: HttpRequest, problem: Problem | None = None, secret: str = "") -> HttpResponse:
    membership = access_organization(request.user, _organization(request))
    context: dict[str, Any] = {
        "section": "settings",
        "owns": membership.role == Membership.Role.OWNER,
        "members": Membership.objects.select_related("user").order_by("user__name"),
        "tokens": Token.objects.filter(user=_actor(request), consent=None, revoked_at=None).order_by("-created_at"),
        "verbs": VERBS.items(),
        "away": planned_by(_actor(request)),
        "now": timezone.now(),
        "problem": problem,
        "secret": secret,
    }
    response = render(request, "accounts/settings.html", context, status=problem.status if problem else 200)
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def rename(request: HttpRequest, organization: str) -> HttpResponse:
    """Change the organization's name."""
    access_organization(request.user, _organization(request), owner=True)
    try:
        rename_organization(_organization(request), actor=_actor(request), name=request.POST.get("name", ""))
    except Problem as problem:
        return _page(request, problem)
    return redirect("settings", organization=organization)


@require_POST
def members(request: HttpRequest, organization: str) -> HttpResponse:
    """Bring a person into the organization."""
    access_organization(request.user, _organization(request), owner=True)
    given = {name: request.POST.get(name, "") for name in ("email", "name", "role")}
    try:
        bring_in(_organization(request), actor=_actor(request), **given)
    except Problem as problem:
        return _page(request, problem)
    return redirect("settings", organization=organization)


@require_POST
def member(request: HttpRequest, organization: str, user: Any) -> HttpResponse:
    """Take a person out of the organization."""
    access_organization(request.user, _organization(request), owner=True)
    try:
        gone = take_out(_organization(request), actor=_actor(request), user_id=user)
    except Problem as problem:
        return _page(request, problem)
    return redirect("/") if gone == request.user else redirect("settings", organization=organization)


@require_POST
def tokens(request: HttpRequest, organization: str) -> HttpResponse:
    """Make a token and show its secret, once."""
    access_organization(request.user, _organization(request))
    days = request.POST.get("days", "")
    try:
        if days and not days.isdecimal():
            raise Invalid("The days of a token are a number.", [("days", f"expected a number, found {days[:20]!r}")])
        name = request.POST.get("name", "")
        number, verbs = int(days) if days else None, request.POST.getlist("verbs")
        _, secret = create_token(_organization(request), actor=_actor(request), name=name, days=number, verbs=verbs)
    except Problem as problem:
        return _page(request, problem)
    return _page(request, secret=secret)


@require_POST
def token(request: HttpRequest, organization: str, token: Any) -> HttpResponse:
    """End one of the viewer's tokens."""
    access_organization(request.user, _organization(request))
    revoke_token(token_of(_actor(request), token), actor=_actor(request))
    return redirect("settings", organization=organization)
