"""What happens to people elsewhere reaches the rooms: who signs out or leaves the organization is gone at once."""

from functools import partial
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.transaction import on_commit
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.relations import revoke
from accounts.signals import membership_ended, session_ended, token_ended
from workrooms.actions.delegating import leave_arrangements
from workrooms.broadcasts import broadcast_control, broadcast_signed_out, broadcast_token_ended
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


@receiver(token_ended)
def close_for_token(sender: Any, digest: str, **kwargs: Any) -> None:
    """Announce a token that holds no more."""
    broadcast_token_ended(digest)


@receiver(membership_ended)
def leave_rooms(sender: Any, user: User, actor: User, **kwargs: Any) -> None:
    """Take who leaves the organization out of its rooms, even where they are the last owner; their sockets close."""
    for participant in Participant.objects.filter(user=user).select_related("workroom"):
        participant.delete()
        revoke(actor, user, participant.workroom)
        on_commit(partial(broadcast_control, participant.workroom_id, relations=True))
    leave_arrangements(user)
