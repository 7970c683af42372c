"""Exports from the database: the filtered view, verified by verify.py, itself recorded, streamed in pieces."""

import asyncio
import csv
import io
import json

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from accounts.actions import exports
from accounts.actions.exports import Export, Form, chunks, export_ledger
from accounts.errors import Invalid
from accounts.ledger import verify
from accounts.ledger.record import record
from accounts.models import Event, Ledger, SigningKey
from accounts.tenancy import unit_of_work
from accounts.views.exports import export_response
from tests.cast import Cast
from tests.servers import Cleaner


@pytest.fixture
def filled(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Forty notes in the room's ledger, in pieces of seven."""
    monkeypatch.setattr(exports, "CHUNK", 7)
    with unit_of_work(cast.harbor):
        for number in range(40):
            kind = "note.taken" if number % 3 else "sum.noted"
            record(kind, actor=cast.bob, ledger=cast.room.id, payload={"n": number, "said": "=SUM(“A1”) 😀"})
    return cast


def exported(cast: Cast, form: Form = "jsonl", **asked: str) -> Export:
    with unit_of_work(cast.harbor):
        ledger = Ledger.objects.get(pk=cast.room.id)
        return export_ledger(actor=cast.olivia, ledger=ledger, room=cast.room.slug, asked=asked, form=form)


def checked(cast: Cast, content: bytes) -> tuple[int, int, int]:
    with unit_of_work(cast.harbor):
        key = bytes(SigningKey.objects.get().public)
    return verify.check(io.BytesIO(content), key)


def test_a_whole_export_verifies(filled: Cast) -> None:
    content = b"".join(chunks(exported(filled)))
    rows = [json.loads(line) for line in content.splitlines()]
    assert rows[0]["room"] == "auto-claims"
    assert rows[0]["filter"] == {}
    assert checked(filled, content) == (len(rows) - 1, 0, 0)


def test_a_filtered_export_shows_exactly_the_view_and_still_verifies(filled: Cast) -> None:
    content = b"".join(chunks(exported(filled, kind="sum", q="“a1”")))
    rows = [json.loads(line) for line in content.splitlines()]
    shown = [row["payload"]["n"] for row in rows[1:] if "payload" in row]
    assert shown == list(range(0, 40, 3))
    assert rows[0]["count"] == len(shown)
    assert checked(filled, content) == (len(shown), 0, len(rows) - 1 - len(shown))


def test_events_that_come_while_it_streams_are_not_in_it(filled: Cast) -> None:
    pieces = chunks(exported(filled))
    start = next(pieces)
    with unit_of_work(filled.harbor):
        record("note.taken", actor=filled.bob, ledger=filled.room.id)
    content = start + b"".join(pieces)
    assert checked(filled, content)[0] == json.loads(start)["last"]


def test_an_export_is_recorded_after_its_last_event(filled: Cast) -> None:
    made = exported(filled, kind="sum")
    with unit_of_work(filled.harbor):
        event = Event.objects.get(ledger_id=filled.room.id, kind="ledger.exported")
    assert event.seq == made.last + 1
    assert event.actor == filled.olivia.ledger_name
    assert event.payload["filter"] == {"kind": "sum"}
    assert event.payload["count"] == 14
    assert event.payload["head"] == made.manifest["head"]


def test_a_filter_that_cannot_be_read_exports_nothing_and_records_nothing(filled: Cast) -> None:
    with pytest.raises(Invalid):
        exported(filled, run="x")
    with unit_of_work(filled.harbor):
        assert not Event.objects.filter(kind="ledger.exported").exists()


def test_csv_shows_the_filtered_events_only(filled: Cast) -> None:
    content = b"".join(chunks(exported(filled, form="csv", kind="sum"))).decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [json.loads(row["payload"])["n"] for row in rows] == list(range(0, 40, 3))


def test_an_erased_event_exports_and_verifies(filled: Cast, cleaner: Cleaner) -> None:
    erase = "UPDATE accounts_event SET payload = NULL, salt = NULL WHERE ledger_id = %s AND kind = 'sum.noted'"
    cleaner.connection.execute(erase, [filled.room.id])
    assert checked(filled, b"".join(chunks(exported(filled))))[1] == 14


def test_the_organizations_own_ledger_exports_too(filled: Cast) -> None:
    with unit_of_work(filled.harbor):
        ledger = Ledger.objects.get(pk=filled.harbor.id)
        made = export_ledger(actor=filled.alice, ledger=ledger, room=None, asked={}, form="jsonl")
    assert checked(filled, b"".join(chunks(made)))[0] == made.last > 0


def test_the_download_streams_under_both_kinds_of_server(filled: Cast) -> None:
    made = exported(filled)
    plain = export_response(RequestFactory().get("/"), made)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    streamed = export_response(ASGIRequest(scope, io.BytesIO()), made)

    async def collect() -> list[bytes]:
        return [piece async for piece in streamed]

    whole = plain.getvalue()
    assert plain["Content-Disposition"] == f'attachment; filename="auto-claims-audit-{made.last}.jsonl"'
    pieces = asyncio.run(collect())
    assert b"".join(pieces) == whole
    assert len(pieces) > 5
