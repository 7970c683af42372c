"""Writing in the timeline: rows, numbers, events and what is refused."""

import pytest

from accounts.errors import Conflict, Forbidden, Invalid, NotFound
from accounts.models import Event
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms.actions.messages import delete_message, edit_message, post_message
from workrooms.actions.rooms import archive_workroom, restore_workroom
from workrooms.models import Correction, Mention, Message, Workroom
from workrooms.policies import access_message, access_workroom
from workrooms.signals import message_posted


def kinds(room: Workroom) -> list[str]:
    """Return the kinds of the room's events, in order."""
    return list(Event.objects.filter(ledger_id=room.id).order_by("seq").values_list("kind", flat=True))


def test_a_message_its_number_and_its_event_are_one(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="Hello **there**")
    with unit_of_work(cast.harbor):
        row = Message.objects.get(pk=message.pk)
        event = Event.objects.get(ledger_id=cast.room.id, kind="message.posted")
        assert row.seq == row.changed_seq == event.seq > 0
        assert event.payload["body"] == "Hello **there**"
        assert event.actor == cast.bob.ledger_name
        assert "<strong>there</strong>" in row.html


def test_a_failure_keeps_neither_row_nor_event(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        before = kinds(cast.room)
    with pytest.raises(ZeroDivisionError), unit_of_work(cast.harbor):
        post_message(cast.room, actor=cast.bob, body="never")
        raise ZeroDivisionError
    with unit_of_work(cast.harbor):
        assert kinds(cast.room) == before
        assert not Message.objects.exists()


def test_every_change_points_to_the_change_before(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        first = post_message(cast.room, actor=cast.bob, body="one")
    with unit_of_work(cast.harbor):
        second = post_message(cast.room, actor=cast.bob, body="two")
    with unit_of_work(cast.harbor):
        edited = edit_message(first, actor=cast.bob, body="one, better")
    assert (second.previous, edited.previous) == (first.seq, second.seq)
    assert edited.seq == first.seq < second.seq < edited.changed_seq
    with unit_of_work(cast.harbor):
        changed = Message.objects.changed_after(cast.room, first.seq)
        assert [row.pk for row in changed] == [second.pk, first.pk]
        assert Correction.objects.get().body == "one"


def test_a_deleted_message_is_a_tombstone(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="a secret")
        row = delete_message(message, actor=cast.bob)
    assert "secret" not in row.html and "Deleted" in row.html
    assert row.body == ""
    with unit_of_work(cast.harbor), pytest.raises(Conflict, match="was deleted"):
        edit_message(row, actor=cast.bob, body="again")


def test_nobody_changes_the_words_of_another(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="mine")
        with pytest.raises(Forbidden):
            edit_message(message, actor=cast.alice, body="yours")
        with pytest.raises(Forbidden):
            delete_message(message, actor=cast.pat)
        assert delete_message(message, actor=cast.alice, manages=True).state == Message.State.DELETED


@pytest.mark.parametrize(
    ("body", "words"),
    [("  ", "empty"), ("a\0b", "NUL character at position 2"), ("x" * 20_001, "20,001 characters"), ("\ud800", "half")],
)
def test_what_cannot_be_kept_is_refused(cast: Cast, body: str, words: str) -> None:
    with pytest.raises(Invalid, match=words), unit_of_work(cast.harbor):
        post_message(cast.room, actor=cast.bob, body=body)


def test_a_reply_to_a_reply_joins_the_thread(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        root = post_message(cast.room, actor=cast.bob, body="root")
        reply = post_message(cast.room, actor=cast.alice, body="first", thread=root)
        deeper = post_message(cast.room, actor=cast.bob, body="second", thread=reply)
        assert deeper.thread_id == root.id
        assert (reply.reply_count, deeper.reply_count) == (1, 2)
        assert Message.objects.get(pk=root.pk).reply_count == 2
        assert [row.pk for row in Message.objects.timeline(cast.room)] == [root.pk]


def test_a_persons_mentions_count_and_an_agents_do_not(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        spoken = post_message(cast.room, actor=cast.bob, body="@alice and @Ada: look, bob@example.test too")
        post_message(cast.room, actor=cast.ada, body="@Alice, done")
        assert set(Mention.objects.values_list("user_id", flat=True)) == {cast.alice.id, cast.ada.id}
        assert spoken.html.count('class="at"') == 2


def test_an_archived_room_can_be_read_and_not_changed(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        archive_workroom(cast.room, actor=cast.alice)
        assert access_workroom(cast.bob, "auto-claims") == cast.room
        with pytest.raises(Conflict, match="Auto claims is archived"):
            access_workroom(cast.bob, cast.room.id, "post_message")
        restore_workroom(access_workroom(cast.alice, "auto-claims", "manage_room"), actor=cast.alice)
        assert access_workroom(cast.bob, "auto-claims", "post_message") == cast.room


def test_missing_and_foreign_look_the_same(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        message = post_message(cast.room, actor=cast.bob, body="here")
        refusals = []
        for slug in ("auto-claims", "no-such-room"):
            with pytest.raises(NotFound) as refused:
                access_workroom(cast.charlie, slug)
            refusals.append(refused.value.detail)
        assert refusals[0] == refusals[1]
        with pytest.raises(NotFound):
            access_message(cast.charlie, message.id)
        with pytest.raises(Forbidden, match="write in the timeline"):
            access_workroom(cast.vera, "auto-claims", "post_message")


def test_listeners_hear_inside_the_unit_of_work(cast: Cast) -> None:
    heard: list[str] = []

    def listen(message: Message, **_: object) -> None:
        heard.append(message.body)

    message_posted.connect(listen)
    try:
        with unit_of_work(cast.harbor):
            post_message(cast.room, actor=cast.bob, body="ping")
            assert heard == ["ping"]
    finally:
        message_posted.disconnect(listen)
