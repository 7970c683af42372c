"""Filters of the ledger page and API: each finds exactly what it says, and mistakes are named."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
import uuid_utils.compat as uuids

from accounts.errors import Invalid
from accounts.ledger.reading import PAGE, events_after, newest_events, read_filter, shown
from accounts.ledger.record import record
from accounts.models import Event
from accounts.tenancy import unit_of_work
from tests.cast import Cast

RUN, PERMITTED, DENIED = uuids.uuid7(), uuids.uuid7(), uuids.uuid7()


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """The room's ledger with one event of each sort that filters tell apart, after those of its creation."""
    with unit_of_work(cast.harbor):
        room: dict[str, Any] = {"ledger": cast.room.id}
        record("message.posted", actor=cast.bob, object="message:1", payload={"body": "Hail “damage” 50%"}, **room)
        record("message.edited", actor=cast.alice, object="message:2", payload={"body": "x"}, **room)
        called: dict[str, Any] = {"actor": cast.ada, "on_behalf_of": cast.bob, "run": RUN, **room}
        record("source.queried", object="source:9", decision=PERMITTED, payload={"tool": "sources.query"}, **called)
        record("authority.denied", object="source:9", decision=DENIED, payload={"tool": "webhook.send"}, **called)
        record("run.finished", actor=None, object="run:1", run=RUN, **room)
    return cast


@pytest.fixture
def found(filled: Cast) -> Callable[..., list[str]]:
    """Finds the kinds, in order, of the events of the room that pass a filter."""

    def find(**asked: str) -> list[str]:
        with unit_of_work(filled.harbor):
            return [event.kind for event in events_after(filled.room.id, read_filter(asked))]

    return find


MESSAGES = ["message.posted", "message.edited"]


def test_each_filter_finds_what_it_says(found: Callable[..., list[str]], filled: Cast) -> None:
    assert found(kind="message.posted") == ["message.posted"]
    assert found(kind="message") == found(kind="message.") == MESSAGES
    assert found(kind="mess") == []
    assert found(object="message:1") == ["message.posted"]
    assert found(object="source") == ["source.queried", "authority.denied"]
    assert found(actor=str(filled.bob.id)) == found(actor="bob@example.test") == ["message.posted"]
    assert found(actor=filled.bob.ledger_name) == ["message.posted"]
    assert found(actor="system") == ["run.finished"]
    assert found(agent="ada") == found(agent=str(filled.ada.id)) == ["source.queried", "authority.denied"]
    assert found(agent=str(filled.bob.id)) == []
    assert found(tool="webhook.send") == ["authority.denied"]
    assert found(decision="permit") == ["source.queried"]
    assert found(decision="deny") == found(decision=str(DENIED)) == ["authority.denied"]
    assert found(run=str(RUN)) == ["source.queried", "authority.denied", "run.finished"]
    assert found(q="hail “DAMAGE” 50%") == found(q="50%") == ["message.posted"]
    assert found(q="5_%") == []
    assert found(q="webhook") == ["authority.denied"]
    assert found(kind="message", actor=str(filled.alice.id)) == ["message.edited"]
    assert found(q="#1") == ["workroom.created"]


def test_times_are_inclusive_exclusive_and_a_date_is_its_whole_day(
    found: Callable[..., list[str]], filled: Cast
) -> None:
    with unit_of_work(filled.harbor):
        event = Event.objects.get(ledger_id=filled.room.id, kind="run.finished")
    moment, day = event.at.isoformat(), event.at.date().isoformat()
    assert found(since=moment) == ["run.finished"]
    assert "run.finished" not in found(until=moment)
    assert found(since=day, until=day) == found()
    assert found(until="2020-01-01") == []


def test_empty_and_foreign_parameters_are_passed_over() -> None:
    wanted = read_filter({"kind": "  ", "q": " hail ", "page": "2"})
    assert wanted.given == {"q": "hail"}


def test_every_mistake_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        read_filter(
            {"run": "7", "actor": "bob", "decision": "maybe", "since": "soon", "until": "2026-13-01", "q": "\0"}
        )
    errors = dict(refused.value.errors)
    assert set(errors) == {"run", "actor", "decision", "since", "until", "q"}
    assert errors["run"] == "expected an id, found 7"
    assert errors["decision"] == "expected the id of a decision, permit or deny"


def numbers(events: Iterable[Event]) -> list[int]:
    """What the notes say."""
    return [event.payload["n"] for event in events if event.payload]


def test_pages_go_by_number(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        for number in range(PAGE + 5):
            record("note.taken", actor=cast.bob, ledger=cast.room.id, payload={"n": number})
    with unit_of_work(cast.harbor):
        wanted = read_filter({"kind": "note"})
        first = newest_events(cast.room.id, wanted)
        rest = newest_events(cast.room.id, wanted, before=first[-1].seq)
        assert numbers([*first, *rest]) == list(range(PAGE + 4, -1, -1))
        assert len(first) == PAGE
        start = events_after(cast.room.id, wanted)
        assert numbers(start) == list(range(PAGE))
        later = events_after(cast.room.id, wanted, after=start[-1].seq)
        assert numbers(later) == list(range(PAGE, PAGE + 5))


def test_an_event_is_shown_as_text_and_numbers(filled: Cast) -> None:
    with unit_of_work(filled.harbor):
        row = shown(Event.objects.get(ledger_id=filled.room.id, kind="source.queried"))
    assert UUID(row["run"]) == RUN
    assert row["turn"] is None
    assert row["at"].endswith("Z")
    assert len(bytes.fromhex(row["hash"])) == 32
