"""What the pages around a room say of its work. Counted only where a template asks."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.delegations import delegations_to
from accounts.models import User
from orchestration.approvals.inbox import waiting_for
from orchestration.models import Run, Turn
from workrooms.models import Workroom

GOING_ON = Q(state__in=[state for state in Run.State.values if state not in Run.ENDED])


class Standing:
    """One query for each part that a template reads; `room` is None outside a room."""

    def __init__(self, user: User, room: Workroom | None) -> None:
        self.user, self.room = user, room

    @cached_property
    def waiting(self) -> int:
        """How many decisions of this organization wait for the viewer."""
        return waiting_for(self.user)

    @cached_property
    def stands_in(self) -> bool:
        """Whether the viewer decides in the room for somebody who is away; False while nothing waits for them."""
        return self.room is not None and self.waiting > 0 and bool(delegations_to(self.user, self.room.id))

    @cached_property
    def today(self) -> dict[str, Any]:
        """`running`: runs of the room that go on; `microcents`: what the runs begun today have cost."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        cost = Sum("budget__microcents", filter=Q(created_at__gte=midnight), default=0)
        rows = Run.objects.filter(workroom=self.room, parent=None)
        counted: dict[str, Any] = rows.aggregate(running=Count("id", filter=GOING_ON), microcents=cost)
        return counted

    @cached_property
    def doing(self) -> dict[UUID, str]:
        """What the room's agents are at, by user id; those who are not here do nothing."""
        if not self.today["running"]:
            return {}
        busy = Turn.objects.filter(run__workroom=self.room, state__in=(Turn.State.CLAIMED, Turn.State.WAITING))
        found = busy.exclude(user=None).order_by("state").values_list("user", "state").distinct()
        return {user: "working" if state == Turn.State.CLAIMED else "waits for people" for user, state in found}

    @cached_property
    def run_numbers(self) -> dict[UUID, int]:
        """Numbers of the room's newest runs, by id."""
        newest = Run.objects.filter(workroom=self.room, parent=None).order_by("-number")
        return dict(newest.values_list("id", "number")[:1000])


def work(request: HttpRequest) -> dict[str, Any]:
    """`standing` of the viewer, and of the room the page is in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or getattr(request, "organization", None) is None:
        return {}
    return {"standing": Standing(user, getattr(request, "room", None))}
