"""Approvals are addressed without their organization: it is found among those of the person."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from accounts.middleware import in_unit, own_units
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work
from orchestration.models import Approval

Page = Callable[..., HttpResponse]


def of_approval(view: Page) -> Callable[..., HttpResponseBase]:
    """Run a view about an `approval` in the organization that has it; in none of the person's: not found."""

    @own_units
    @wraps(view)
    def found(request: HttpRequest, approval: UUID, **more: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        organization_id = organization_with(request.user, approval)
        if organization_id is None:
            raise Http404
        return in_unit(request, organization_id, partial(view, request, approval, **more))

    return found


def organization_with(user: User, approval: UUID) -> UUID | None:
    """Return the organization of `user` that has this approval."""
    for organization_id in organizations_of(user):
        with unit_of_work(organization_id):
            if Approval.objects.filter(pk=approval).exists():
                return organization_id
    return None
