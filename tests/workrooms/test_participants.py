"""Who may be brought in, changed and taken out."""

import pytest

from accounts.actions.members import take_out
from accounts.errors import Conflict, Invalid
from accounts.models import Event
from accounts.relations import PERMISSIONS, permissions_of
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms.actions.participants import add_participant, change_relation, remove_participant
from workrooms.models import Participant, Workroom


@pytest.mark.parametrize("relation", ["owner", "editor", "approver", "auditor", "viewer"])
def test_a_relation_gives_its_permissions(cast: Cast, relation: str) -> None:
    with unit_of_work(cast.harbor):
        add_participant(cast.room, actor=cast.alice, user=cast.charlie, relation=relation)
        assert permissions_of(cast.charlie, cast.room) == PERMISSIONS[relation]
        remove_participant(cast.room, actor=cast.alice, user=cast.charlie)
        assert permissions_of(cast.charlie, cast.room) == frozenset()


def test_a_change_takes_away_what_the_new_relation_has_not(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        before = Workroom.objects.get().epoch
        change_relation(cast.room, actor=cast.alice, user=cast.pat, relation="viewer")
        assert permissions_of(cast.pat, cast.room) == {"view"}
        assert Workroom.objects.get().epoch != before
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="participant.changed")
        assert (event.payload["before"], event.payload["relation"]) == ("approver", "viewer")


def test_the_last_owner_stays(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        with pytest.raises(Conflict, match="Alice is the last owner of Auto claims"):
            remove_participant(cast.room, actor=cast.alice, user=cast.alice)
        with pytest.raises(Conflict, match="last owner"):
            change_relation(cast.room, actor=cast.alice, user=cast.alice, relation="editor")
        change_relation(cast.room, actor=cast.alice, user=cast.bob, relation="owner")
        remove_participant(cast.room, actor=cast.bob, user=cast.alice)
        assert Participant.objects.filter(relation="owner").get().user == cast.bob


def test_who_cannot_be_brought_in(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        with pytest.raises(Invalid, match="Mallory does not belong to this organization"):
            add_participant(cast.room, actor=cast.alice, user=cast.mallory, relation="viewer")
        with pytest.raises(Invalid, match="no relation a person can have"):
            add_participant(cast.room, actor=cast.alice, user=cast.charlie, relation="agent")
        with pytest.raises(Invalid, match="no relation an agent can have"):
            change_relation(cast.room, actor=cast.alice, user=cast.ada, relation="owner")
        with pytest.raises(Conflict, match="Bob is in Auto claims already, as editor"):
            add_participant(cast.room, actor=cast.alice, user=cast.bob, relation="viewer")


def test_who_leaves_the_organization_leaves_its_rooms(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        take_out(cast.harbor, actor=cast.alice, user_id=cast.bob.id)
        room = Workroom.objects.get()
        assert permissions_of(cast.bob, room) == frozenset()
        assert not Participant.objects.filter(user=cast.bob).exists()
        with pytest.raises(Conflict, match="last owner of Harbor"):
            take_out(cast.harbor, actor=cast.alice, user_id=cast.alice.id)
