"""Where the agents of a room may reach outside at all."""

from accounts.models import Boundary
from workrooms.models import Workroom


def allowed_hosts(room: Workroom) -> tuple[str, ...] | None:
    """Return the places that agents of the room may reach; None where nobody made a list."""
    hosts = Boundary.objects.filter(room=room.id).values_list("hosts", flat=True).first()
    return None if hosts is None else tuple(hosts)
