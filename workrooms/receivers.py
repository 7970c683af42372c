"""What happens to people elsewhere reaches the rooms: who signs out or leaves the organization is gone at once."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.relations import revoke
from accounts.signals import membership_ended, session_ended
from workrooms.broadcasts import broadcast_signed_out
from workrooms.listening import session_digest
from workrooms.models import Participant


@receiver(user_logged_out)
def close_sockets(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Announce the end of the browser session: its sockets close."""
    if request.session.session_key:
        broadcast_signed_out(session_digest(request.session.session_key))


@receiver(session_ended)
def close_ended(sender: Any, key: str, **kwargs: Any) -> None:
    """Announce a browser session that was ended from elsewhere."""
    broadcast_signed_out(session_digest(key))


@receiver(membership_ended)
def leave_rooms(sender: Any, user: User, actor: User, **kwargs: Any) -> None:
    """Take who leaves the organization out of its rooms, even where they are the last owner; hubs see the new epoch."""
    for participant in Participant.objects.filter(user=user).select_related("workroom"):
        participant.delete()
        revoke(actor, user, participant.workroom)
