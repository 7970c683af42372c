"""Doors that lead to no organization yet: home, the switcher, the theme, the first owner's link."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.first_owner import check_token, claim_installation
from accounts.actions.organizations import create_organization
from accounts.errors import Problem
from accounts.middleware import current_organization, own_units
from accounts.models import Organization, User
from accounts.problems import problem_response
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work

THEMES = ("light", "dark", "")
A_YEAR = 365 * 24 * 3600
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_required
@require_GET
@own_units
def home(request: HttpRequest) -> HttpResponse:
    """Go to the current organization."""
    found = current_organization(request)
    if found is None:
        return redirect("organizations")
    with unit_of_work(found):
        return redirect(f"/o/{Organization.objects.get(pk=found).slug}/")


@own_units
@login_required
@require_http_methods(["GET", "POST"])
def organizations(request: HttpRequest) -> HttpResponse:
    """Show the viewer's organizations; POST founds one more."""
    assert isinstance(request.user, User)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            founded = create_organization(owner=request.user, name=request.POST.get("name", ""))
            return redirect(f"/o/{founded.slug}/")
        except Problem as refused:
            problem = refused
    context = {"mine": named_organizations(request.user), "problem": problem}
    return render(request, "accounts/organizations.html", context, status=problem.status if problem else 200)


def named_organizations(user: User) -> list[Organization]:
    """Return the organizations of `user`; each is read in a unit of work of its own, and none may be open."""
    found: list[Organization] = []
    for organization_id in organizations_of(user):
        with unit_of_work(organization_id):
            found.append(Organization.objects.get(pk=organization_id))
    return found


@own_units
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and go back."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = redirect(back if safe else "/")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response


@own_units
@require_http_methods(["GET", "POST"])
def first_owner(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds the one-time link become the first owner."""
    try:
        check_token(token)
    except Problem as stale:
        return problem_response(request, stale)
    given = {name: request.POST.get(name, "") for name in ("email", "name", "password", "organization")}
    problem: Problem | None = None
    if request.method == "POST":
        try:
            founded = claim_installation(token, **given)
            login(request, User.objects.get(email=given["email"].strip().lower()), BACKEND)
            return redirect(f"/o/{founded.slug}/")
        except Problem as refused:
            problem = refused
    context = {"given": given, "problem": problem}
    return render(request, "accounts/first_owner.html", context, status=problem.status if problem else 200)
