"""How long a browser session lasts, and how people and owners end one."""

import time
from collections.abc import Callable, Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.ledger.record import record
from accounts.models import User
from accounts.signals import end_sessions

BEGAN, SEEN = "began", "seen"
NOTICED_SECONDS = 300


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ends sessions for allauth's page: their sockets close too."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End each of them."""
        end_sessions(sessions)


class SessionLifetimeMiddleware:
    """Ends a session at its longest age. One that is used is listed among the person's own, and its end, which the
    session store keeps, moves on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            now = int(time.time())
            if outlived(request.session):
                logout(request)
            elif now - request.session.get(SEEN, 0) > NOTICED_SECONDS:
                request.session.setdefault(BEGAN, now)
                request.session[SEEN] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


def outlived(session: SessionBase) -> bool:
    """Whether the session is older than any may be, however much it is used."""
    began = session.get(BEGAN)
    return began is not None and time.time() - began >= settings.SESSION_LONGEST_SECONDS


def end_sessions_of(user: User, *, actor: User) -> int:
    """Sign a person out of every browser; return out of how many."""
    sessions = list(UserSession.objects.filter(user=user))
    record("session.ended", actor=actor, object=user.ledger_name, payload={"sessions": len(sessions)})
    end_sessions(sessions)
    return len(sessions)
