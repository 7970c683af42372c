"""Search finds what the person may see, narrowed as asked."""

from datetime import date

import pytest

from accounts.labelling import set_label
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in
from workrooms.actions.clearances import clear_person
from workrooms.actions.documents import add_document
from workrooms.actions.messages import delete_message, post_message
from workrooms.search import Hit, Question, question, search


@pytest.fixture
def told(cast: Cast) -> Cast:
    """A room where repairs were talked about."""
    with unit_of_work(cast.harbor):
        post_message(cast.room, actor=cast.bob, body="The repair estimates differ, see https://a.example")
        post_message(cast.room, actor=cast.alice, body="Which estimate?")
        gone = post_message(cast.room, actor=cast.bob, body="a wrong estimate")
        delete_message(gone, actor=cast.bob)
        add_document(
            cast.room, actor=cast.bob, name="repair.md", content=b"Two estimates of the repair: 9,795 and 9,966."
        )
    return cast


def found(cast: Cast, text: str, who: str = "vera") -> list[Hit]:
    """What somebody finds."""
    with unit_of_work(cast.harbor):
        return search(question(text), getattr(cast, who))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('estimate from:alice in:"Auto claims"', Question("estimate", "alice", "Auto claims")),
        ("has:link before:2026-11-22 x", Question("x", has="link", before=date(2026, 11, 22))),
        ("before:yesterday from: x", Question("from: x")),
        ("a\0b", Question("a b")),
    ],
)
def test_how_a_question_is_read(text: str, expected: Question) -> None:
    assert question(text) == expected


def test_words_are_found_in_all_their_forms(told: Cast) -> None:
    hits = found(told, "estimate")
    assert [hit.kind for hit in hits] == ["message", "message", "document"]
    assert "9,795" in hits[-1].context and "wrong" not in str(hits)


def test_operators_narrow(told: Cast) -> None:
    assert [hit.title for hit in found(told, "from:bob estimate has:link")] == ["Bob in Auto claims"]
    assert [hit.kind for hit in found(told, "has:doc repair")] == ["document"]
    assert found(told, "estimate before:2020-01-01") == []
    assert found(told, "estimate in:elsewhere") == []


def test_rooms_and_people_are_found_by_name(told: Cast) -> None:
    assert [hit.kind for hit in found(told, "auto")] == ["room"]
    assert [hit.context for hit in found(told, "olivia")] == ["auditor in Auto claims"]


def test_an_outsider_finds_nothing(told: Cast) -> None:
    assert found(told, "estimate", "charlie") == found(told, "auto", "charlie") == []
    assert b"Nothing" in signed_in(told.charlie).get("/o/harbor/search/?q=estimate").content


def test_the_palette_gets_the_list_alone(told: Cast) -> None:
    answer = signed_in(told.vera).get("/o/harbor/search/?q=repair", headers={"HX-Request": "true"}).content
    assert b"<!doctype" not in answer and b"repair.md" in answer


def test_a_room_above_a_clearance_is_not_searched(told: Cast) -> None:
    assert found(told, "estimate") and found(told, "auto")
    with unit_of_work(told.harbor):
        set_label(f"workroom:{told.room.id}", {"level": "restricted"}, actor=told.alice)
        clear_person(told.vera, actor=told.alice, level="internal")
    assert found(told, "estimate") == [] and found(told, "auto") == []
    assert found(told, "estimate", "bob")
