"""Services of an organization, for its owners: registered, given another key, revoked."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.registering import register_service, replace_key, revoke_service, service_of, services
from accounts.errors import Problem
from accounts.models import Organization, Service, User
from accounts.policies import access_organization


def _owner(request: HttpRequest) -> tuple[User, Organization]:
    """Return who asks and the organization they own. Raises Forbidden, NotFound."""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    return access_organization(request.user, organization, owner=True).user, organization


def _page(request: HttpRequest, problem: Problem | None = None, **shown_once: Any) -> HttpResponse:
    context = {
        "section": "settings",
        "services": services(),
        "kinds": Service.Kind,
        "given": request.POST if problem else {},
        "token_address": f"{settings.PUBLIC_URL}/api/v1/token",
        "public_url": settings.PUBLIC_URL,
        "problem": problem,
        **shown_once,
    }
    response = render(request, "accounts/registering.html", context, status=problem.status if problem else 200)
    if shown_once:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, organization: str) -> HttpResponse:
    """List the services; POST registers one, and shows the private half of a key that was made here, once."""
    actor, found = _owner(request)
    if request.method == "GET":
        return _page(request)
    given = {name: request.POST.get(name, "") for name in ("name", "kind", "slug")}
    try:
        made, private = register_service(found, actor=actor, pem=request.POST.get("public_key", ""), **given)
    except Problem as problem:
        return _page(request, problem)
    return _page(request, made=made, private=private)


@require_POST
def key(request: HttpRequest, organization: str, service: str) -> HttpResponse:
    """Give a service another key."""
    actor, _ = _owner(request)
    found = service_of(service)
    try:
        private = replace_key(found, actor=actor, pem=request.POST.get("public_key", ""))
    except Problem as problem:
        return _page(request, problem)
    return _page(request, made=found, private=private)


@require_POST
def revoke(request: HttpRequest, organization: str, service: str) -> HttpResponse:
    """End a service."""
    actor, _ = _owner(request)
    revoke_service(service_of(service), actor=actor)
    return redirect("services", organization=organization)
