"""What the pages around a room say of its work. Counted only where a template asks."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from orchestration.inbox import decidable_by
from orchestration.models import Run


def work(request: HttpRequest) -> dict[str, Any]:
    """`waiting`: decisions of this organization that wait for the viewer; `running`: runs of the room that go on."""
    user, room = getattr(request, "user", None), getattr(request, "room", None)
    if not isinstance(user, User) or getattr(request, "organization", None) is None:
        return {"waiting": 0, "running": 0}
    going_on = Run.objects.filter(workroom=room, parent=None).exclude(state__in=Run.ENDED) if room else None
    return {
        "waiting": SimpleLazyObject(decidable_by(user).count),
        "running": SimpleLazyObject(going_on.count) if going_on is not None else 0,
    }
