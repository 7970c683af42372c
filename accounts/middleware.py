"""One unit of work a request: the organization comes from the URL, the token or the session."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from accounts.bearers import bearer_in, bound_of
from accounts.bounds import bound_to
from accounts.errors import Invalid, Problem
from accounts.idempotency import answered_once
from accounts.ledger.record import record
from accounts.models import Organization, User
from accounts.problems import problem_response
from accounts.reach import organization_named, organizations_of
from accounts.tenancy import unit_of_work

API = "/api/"
# Sign-in, sign-out and passwords are allauth's, and are whole without a unit of work: a session that ends in one would
# still be in the database, and could be read from there again. A service signs in to the organization it belongs to.
SIGNING_IN = ("/account/", "/api/v1/token")
UNSTORABLE = "Something in it cannot be kept: a NUL, half a character, or a number out of range."
View = Callable[..., HttpResponseBase]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


class _Refused(Exception):
    """Carries a refusing response out of the unit of work, so that nothing of the request is kept."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


def own_units(view: AnyView) -> AnyView:
    """Mark a view that opens its own units of work (streams, pages across organizations)."""
    view.own_units = True  # type: ignore[attr-defined]
    return view


class OrganizationMiddleware:
    """Authenticates tokens, finds the organization, and runs the view inside its unit of work."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.organization_id = None  # type: ignore[attr-defined]
        if request.path.startswith(API):
            _authenticate_token(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        slug = kwargs.get("organization")
        if slug is not None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        organization_id = _organization_of(request, slug)
        if organization_id is None or request.path.startswith(SIGNING_IN):
            return None
        request.organization_id = organization_id  # type: ignore[attr-defined]
        if getattr(view, "own_units", False):
            return None
        return in_unit(request, organization_id, partial(view, request, *args, **kwargs))


def _authenticate_token(request: HttpRequest) -> None:
    if (bearer := bearer_in(request)) is not None:
        request.user = User.objects.get(pk=bearer.user_id)
        request.token_organization_id = bearer.organization_id  # type: ignore[attr-defined]
        request.bound = bound_of(bearer)  # type: ignore[attr-defined]


def _organization_of(request: HttpRequest, slug: str | None) -> UUID | None:
    if not request.user.is_authenticated:
        return None
    if slug is not None:
        if (found := organization_named(slug, request.user)) is None:
            raise Http404
        if request.session.get("organization") != str(found):
            request.session["organization"] = str(found)
        return found
    if (bound := getattr(request, "token_organization_id", None)) is not None:
        return UUID(str(bound))
    return current_organization(request)


def current_organization(request: HttpRequest) -> UUID | None:
    """Return the organization the session stands in: the chosen one while the membership lasts, else the first."""
    if not isinstance(request.user, User):
        return None
    memberships = organizations_of(request.user)
    chosen = request.session.get("organization")
    return next((one for one in memberships if str(one) == chosen), memberships[0] if memberships else None)


def _carried_out(request: HttpRequest, organization_id: UUID, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run `view` in the unit of work; `request.organization` is set no longer than that is open."""
    try:
        with unit_of_work(organization_id):
            found = SimpleLazyObject(lambda: Organization.objects.get(pk=organization_id))
            request.organization = found  # type: ignore[attr-defined]
            response = answered_once(request, view)
            if response.status_code >= 400:
                raise _Refused(response)
            return response
    finally:
        request.organization = None  # type: ignore[attr-defined]


def in_unit(request: HttpRequest, organization_id: UUID, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run `view` in a unit of work of the organization, held to the bounds of the caller's token; of a refusal nothing
    is kept, and it is logged."""
    with bound_to(getattr(request, "bound", None)):
        try:
            return _carried_out(request, organization_id, view)
        except _Refused as refused:
            response = refused.response
        except Problem as problem:
            response = problem_response(request, problem)
        except (DataError, UnicodeEncodeError):
            response = problem_response(request, Invalid(UNSTORABLE))
        _log_refusal(request, organization_id, response)
        return response


def _log_refusal(request: HttpRequest, organization_id: UUID, response: HttpResponseBase) -> None:
    if response.status_code in (403, 404) and isinstance(request.user, User):
        with unit_of_work(organization_id):
            payload = {"method": request.method, "path": request.path[:200], "status": response.status_code}
            if boundary := getattr(response, "boundary", ""):
                payload["boundary"] = boundary
            record("access.denied", actor=request.user, payload=payload)
    if (afterwards := getattr(response, "afterwards", None)) is not None:
        with unit_of_work(organization_id):
            afterwards()
