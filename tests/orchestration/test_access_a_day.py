"""Nobody asks for access without end: so many times a day about a room, and about all that they may not know of."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest import MonkeyPatch

from accounts.errors import TooMany
from accounts.models import User
from accounts.tenancy import unit_of_work
from orchestration.access.asking import DAY, MOST_A_DAY, withdraw
from orchestration.models import AccessRequest
from tests.cast import Cast, signed_in
from tests.orchestration.asking_people import ask, travel
from tests.orchestration.offices import Program
from workrooms.actions.rooms import create_workroom

EDITOR: dict[str, Any] = {"kind": "relation", "relation": "editor"}


def ask_again_and_again(cast: Cast, who: User, room: str = "auto-claims", times: int = MOST_A_DAY) -> None:
    for _ in range(times):
        row = ask(cast, who, room=room, **EDITOR)
        with unit_of_work(cast.harbor):
            withdraw(row, actor=who)


def test_a_room_is_asked_about_so_many_times_a_day(cast: Cast, monkeypatch: MonkeyPatch) -> None:
    with unit_of_work(cast.harbor):
        other = create_workroom(cast.harbor, actor=cast.vera, name="Other", slug="other")
    ask_again_and_again(cast, cast.vera)
    body = {"kind": "source", "room": "auto-claims", "source": "policies", "reason": "Once more."}
    refused = Program(cast, cast.vera).send("POST", "/access-requests", body, status=429)
    assert refused["title"] == "Too many requests" and f"You asked {MOST_A_DAY} times within a day" in refused["detail"]
    form = {"link": f"/o/harbor/r/{cast.room.slug}/", "kind": "relation", "relation": "owner", "reason": "Please."}
    page = signed_in(cast.vera).post("/o/harbor/access/", form)
    assert page.status_code == 429 and "You can ask again from" in page.content.decode()
    assert "Please." in page.content.decode(), "what was written is not lost"
    ask(cast, cast.vera, room=other.slug, kind="source", source="policies")
    ask(cast, cast.bob, kind="relation", relation="owner")
    with unit_of_work(cast.harbor):
        assert AccessRequest.objects.count() == MOST_A_DAY + 2
    travel(monkeypatch, timezone.now() + DAY + timedelta(minutes=1))
    ask(cast, cast.vera, **EDITOR)


def test_what_is_there_and_what_is_not_count_alike(cast: Cast) -> None:
    """By its name and its id a hidden room is one, two made-up rooms are two: the count must not tell."""
    ask_again_and_again(cast, cast.charlie, times=MOST_A_DAY - 2)
    ask_again_and_again(cast, cast.charlie, room=str(cast.room.id), times=1)
    ask_again_and_again(cast, cast.charlie, room="no-such-room", times=1)
    told = set()
    for room in ("auto-claims", str(cast.room.id), "no-such-room", "nor-this-one"):
        with pytest.raises(TooMany, match="about what you cannot see") as refused:
            ask(cast, cast.charlie, room=room, **EDITOR)
        told.add(refused.value.detail)
    assert len(told) == 1
