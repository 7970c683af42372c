"""Questions are addressed without their organization: it is found among those of the person."""

from collections.abc import Callable
from functools import partial, wraps
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from accounts.middleware import in_unit, own_units
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work
from orchestration.models import AccessRequest, Approval

Page = Callable[..., HttpResponse]


def of_approval(view: Page) -> Callable[..., HttpResponseBase]:
    """Run a view about an `approval` in the organization that has it; in none of the person's: not found."""
    return _of(Approval, "approval", view)


def of_request(view: Page) -> Callable[..., HttpResponseBase]:
    """Run a view about a request for `access` in the organization that has it; in none of the person's: not found."""
    return _of(AccessRequest, "access", view)


def _of(kind: type[Approval | AccessRequest], name: str, view: Page) -> Callable[..., HttpResponseBase]:
    @own_units
    @wraps(view)
    def found(request: HttpRequest, **named: UUID) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        organization_id = _organization_with(request.user, kind, named[name])
        if organization_id is None:
            raise Http404
        return in_unit(request, organization_id, partial(view, request, **named))

    return found


def _organization_with(user: User, kind: type[Approval | AccessRequest], identity: UUID) -> UUID | None:
    for organization_id in organizations_of(user):
        with unit_of_work(organization_id):
            if kind.objects.filter(pk=identity).exists():
                return organization_id
    return None
