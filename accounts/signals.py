"""Sign-ins are events of every organization the person belongs to; the end of a membership is told to other apps."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.ledger.record import record
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work

# Sent inside the unit of work, with `user` and `actor`.
membership_ended = Signal()


@receiver(user_logged_in)
def log_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Record the sign-in."""
    _log("session.opened", user)


@receiver(user_logged_out)
def log_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Record the sign-out."""
    if user is not None:
        _log("session.closed", user)


def _log(kind: str, user: User) -> None:
    for organization_id in organizations_of(user):
        with unit_of_work(organization_id):
            record(kind, actor=user, object=user.ledger_name)
