"""Sign-ins are events of every organization the person belongs to; ends of sessions and memberships are told on."""

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.transaction import on_commit
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.ledger.record import record
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work

# Sent inside the unit of work, with `user` and `actor`.
membership_ended = Signal()
# Sent inside the unit of work, with `service` (its actor), and with `person` and `room` (an id) unless it is all over.
consent_ended = Signal()
# Sent when somebody ended a browser session from elsewhere, with its `key`.
session_ended = Signal()
# Sent after the commit, with the `digest` of a token that holds no more.
token_ended = Signal()


@receiver(user_logged_in)
def log_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Record the sign-in with its method."""
    request.session["began"] = int(time.time())
    methods = [each["method"] for each in get_authentication_records(request, user)]
    log_for(user, "session.opened", {"method": methods[-1] if methods else "link"})


@receiver(user_logged_out)
def log_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Record the sign-out."""
    if user is not None:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        log_for(user, "session.closed")


@receiver([password_changed, password_reset])
def log_password(sender: Any, request: HttpRequest, user: User, signal: Signal, **kwargs: Any) -> None:
    """Record that the password is another, and end every other session of the person."""
    end_sessions(UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key or ""))
    log_for(user, "password.changed", {"by": "change" if signal is password_changed else "reset"})


def end_sessions(sessions: Iterable[UserSession]) -> None:
    """End browser sessions after the commit, and say so to whoever keeps something open for them.

    Before it, another request could read the session from the database once more, into the cache.
    """
    for session in list(sessions):
        on_commit(session.end)
        on_commit(partial(session_ended.send, sender=UserSession, key=session.session_key))


def log_for(user: User, kind: str, payload: dict[str, Any] | None = None, *, actor: User | None = None) -> None:
    """Record something about a person in each organization they belong to; `actor` None is the person."""
    for organization_id in organizations_of(user):
        with unit_of_work(organization_id):
            record(kind, actor=actor or user, object=user.ledger_name, payload=payload)
