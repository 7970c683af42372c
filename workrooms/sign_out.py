"""Who signs out is signed out everywhere in that browser: its sockets close at once."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from workrooms.broadcasts import broadcast_signed_out
from workrooms.listening import session_digest


@receiver(user_logged_out)
def close_sockets(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Announce the end of the browser session."""
    if request.session.session_key:
        broadcast_signed_out(session_digest(request.session.session_key))
