"""A person's own browser sessions, and the end of everybody's by an owner."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actions.members import member_of
from accounts.middleware import own_units
from accounts.policies import access_organization
from accounts.sessions import end_sessions_of

# allauth's page lists the sessions; ending the others asks for the password again.
own_sessions = own_units(reauthentication_required(ListUserSessionsView.as_view(), allow_get=True))


@require_POST
def end_sessions(request: HttpRequest, organization: str, user: Any) -> HttpResponse:
    """Sign a person out everywhere."""
    found = request.organization  # type: ignore[attr-defined]
    actor = access_organization(request.user, found, owner=True).user
    end_sessions_of(member_of(found, user), actor=actor)
    return redirect("settings", organization=organization)
