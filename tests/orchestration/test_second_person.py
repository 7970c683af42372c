"""Loosening a team takes two people; tightening it, or changing words, takes one."""

import pytest

from accounts.errors import Conflict, Forbidden
from accounts.models import Event, User
from accounts.tenancy import unit_of_work
from orchestration.actions.teams import publish_team, roll_back_team, save_draft
from orchestration.models import Team
from orchestration.teams.loading import load
from orchestration.teams.loosening import loosened
from tests.cast import Cast
from workrooms.actions.participants import remove_participant
from workrooms.models import Workroom

TEAM = """
schema: 1
name: Letters
pattern: sequential
members: [{agent: writer}]
agents:
  writer:
    role: Writes
    brain: {procedure: librarian}
    tools: [documents.read]
    clearance: internal
    output: {type: object, required: [summary], properties: {summary: {type: string}}}
    checks: [{rule: "has(output.summary)"}]
limits: {turns: 10}
exceptions:
  - name: long
    when: "size(output.summary) > 100"
    ask: {relation: approver, quorum: 2, not_requester: true, because: "Long letters are looked at."}
"""
LOOSER = [
    ("[documents.read]", "[documents.read, documents.write]", "writer may also use documents.write."),
    ("clearance: internal", "clearance: restricted", "writer is cleared for more."),
    ('{rule: "has(output.summary)"}', "", "writer is no longer checked by has(output.summary)."),
    ("turns: 10", "turns: 11", "The limit of turns is higher."),
    ("> 100", "> 1000", "The exception long asks people at other times."),
    ("quorum: 2", "quorum: 1", "The exception long needs fewer people."),
    ("not_requester: true", "not_requester: false", "The exception long may be decided by who asked."),
    ("relation: approver", "relation: editor", "The exception long is decided by others."),
    ("name: long", "name: other", "The exception long is gone."),
]  # fmt: skip
TIGHTER = [
    ("name: Letters", "name: Fine letters"),
    ("role: Writes", "role: Writes well"),
    ("turns: 10", "turns: 9"),
    ("quorum: 2", "quorum: 3"),
    ("clearance: internal", "clearance: public"),
    ("tools: [documents.read]", "tools: []"),
]


@pytest.mark.parametrize(("old", "new", "told"), LOOSER, ids=[row[2] for row in LOOSER])
def test_what_is_looser_is_told(old: str, new: str, told: str) -> None:
    assert old in TEAM
    assert loosened(load(TEAM, "yaml").data, load(TEAM.replace(old, new), "yaml").data) == [told]


@pytest.mark.parametrize(("old", "new"), TIGHTER)
def test_what_is_not_looser_needs_nobody_else(old: str, new: str) -> None:
    assert loosened(load(TEAM, "yaml").data, load(TEAM.replace(old, new), "yaml").data) == []


def draft(cast: Cast, who: User, text: str) -> Team:
    return save_draft(cast.room, actor=who, slug="letters", text=text)


def test_the_author_does_not_publish_what_loosens(cast: Cast) -> None:
    wider = TEAM.replace("turns: 10", "turns: 20")
    with unit_of_work(cast.harbor):
        publish_team(draft(cast, cast.alice, TEAM), actor=cast.alice)
    with unit_of_work(cast.harbor):
        team = draft(cast, cast.alice, wider)
        with pytest.raises(Conflict, match="limit of turns is higher"):
            publish_team(team, actor=cast.alice)
        with pytest.raises(Forbidden, match="decides approvals"):
            publish_team(team, actor=cast.bob)
    with unit_of_work(cast.harbor):
        team = Team.objects.select_related("workroom", "published").get()
        with pytest.raises(Conflict):
            publish_team(team, actor=cast.alice)
        assert publish_team(team, actor=cast.pat).number == 2
    with unit_of_work(cast.harbor):
        event = Event.objects.filter(kind="team.published").latest("seq")
    assert event.payload["loosened"] == ["The limit of turns is higher."]


def test_going_back_to_a_looser_version_takes_somebody_else_too(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        publish_team(draft(cast, cast.alice, TEAM), actor=cast.alice)
        team = draft(cast, cast.alice, TEAM.replace("turns: 10", "turns: 5"))
        publish_team(team, actor=cast.alice)
        with pytest.raises(Conflict, match="limit of turns"):
            roll_back_team(team, actor=cast.alice, to=1)
        assert roll_back_team(team, actor=cast.pat, to=1).number == 3


def test_who_alone_decides_in_a_room_decides_alone(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        remove_participant(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat)
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        publish_team(save_draft(room, actor=cast.alice, slug="letters", text=TEAM), actor=cast.alice)
        team = save_draft(room, actor=cast.alice, slug="letters", text=TEAM.replace("turns: 10", "turns: 20"))
        assert publish_team(team, actor=cast.alice).number == 2
