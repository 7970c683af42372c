"""What leaves the ledger for other readers: PDF for people, OCSF for SIEMs, as a file and as a stream."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import override_settings
from pypdf import PdfReader

from accounts import tasks
from accounts.actions import exports
from accounts.actions.exports import chunks, export_ledger
from accounts.errors import Invalid
from accounts.ledger.ocsf import ocsf
from accounts.ledger.reading import shown
from accounts.ledger.record import record
from accounts.models import Event, Ledger, Stream
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in


def events(cast: Cast) -> list[Event]:
    with unit_of_work(cast.harbor):
        return list(Event.objects.filter(ledger_id=cast.room.id).order_by("seq"))


def test_the_report_says_who_did_what_under_the_same_filter(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        record("note.taken", actor=cast.ada, on_behalf_of=cast.bob, ledger=cast.room.id, payload={"title": "Zoë’s λ"})
    answer: Any = signed_in(cast.olivia).get(f"/api/v1/workrooms/{cast.room.slug}/audit.pdf?kind=note")
    assert answer["Content-Type"] == "application/pdf"
    content = b"".join(answer.streaming_content)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Ledger of auto-claims" in text
    assert "those with kind = note" in text
    assert "Ada, for Bob" in text
    assert "Zoë’s λ" in text
    assert "participant.added" not in text
    assert (events(cast)[-1].payload or {})["format"] == "pdf"


def test_a_long_report_has_pages_and_a_longer_one_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work(cast.harbor):
        for number in range(80):
            record("note.taken", actor=cast.bob, ledger=cast.room.id, payload={"title": f"Note {number} " * 40})
        ledger = Ledger.objects.get(pk=cast.room.id)
    asked: dict[str, Any] = {"actor": cast.olivia, "room": "auto-claims", "asked": {}, "form": "pdf"}
    with unit_of_work(cast.harbor):
        made = export_ledger(ledger=Ledger.objects.get(pk=ledger.pk), **asked)
    assert len(PdfReader(io.BytesIO(b"".join(chunks(made)))).pages) >= 2
    monkeypatch.setattr(exports, "MOST_ON_PAPER", 50)
    with unit_of_work(cast.harbor), pytest.raises(Invalid, match="too many for paper"):
        export_ledger(ledger=Ledger.objects.get(pk=ledger.pk), **asked)


MAPPED = {
    "session.opened": (3002, 1, 1),
    "session.denied": (3002, 1, 2),
    "relation.granted": (3005, 1, 1),
    "membership.removed": (3005, 2, 1),
    "ledger.broken": (2004, 1, 1),
    "document.read": (6003, 2, 1),
    "document.opened": (6003, 2, 1),
    "approval.opened": (6003, 1, 1),
    "source.queried": (6003, 2, 1),
    "message.posted": (6003, 1, 1),
    "message.deleted": (6003, 4, 1),
    "tool.denied": (6003, 99, 2),
    "odd.thing": (6003, 99, 1),
}


@pytest.mark.parametrize("kind", MAPPED)
def test_every_kind_has_its_class(cast: Cast, kind: str) -> None:
    class_uid, activity, status = MAPPED[kind]
    event = {**shown(events(cast)[0]), "kind": kind}
    mapped = ocsf(event, room="auto-claims")
    assert (mapped["class_uid"], mapped["activity_id"], mapped["status_id"]) == (class_uid, activity, status)
    assert mapped["type_uid"] == class_uid * 100 + activity
    assert mapped["category_uid"] == class_uid // 1000
    assert (mapped["metadata"]["sequence"], mapped["metadata"]["log_name"]) == (1, "auto-claims")


def test_the_same_filter_gives_ocsf_lines(cast: Cast) -> None:
    answer: Any = signed_in(cast.olivia).get(f"{cast.path}ledger/audit.ocsf?kind=relation")
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert {line["class_uid"] for line in lines} == {3005}
    assert lines[0]["actor"]["user"] == {"type_id": 1, "type": "person", "uid": str(cast.alice.id)}
    assert lines[0]["privileges"] == ["owner"]


class Collector(BaseHTTPRequestHandler):
    """Keeps the lines that are POSTed; the first POST fails."""

    lines: list[dict[str, Any]] = []
    answers = [503]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.pop() if self.answers else 200
        if status == 200:
            self.lines.extend(json.loads(line) for line in body.splitlines())
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/events"
        server.shutdown()


def test_events_are_streamed_once_in_order_and_again_after_a_failure(cast: Cast, collector: str) -> None:
    with override_settings(SIEM=collector):
        for _ in range(3):
            tasks.stream_ledgers()
    room = [line for line in Collector.lines if line["metadata"]["log_name"] == str(cast.room.id)]
    assert [line["metadata"]["sequence"] for line in room] == [event.seq for event in events(cast)]
    with unit_of_work(cast.harbor):
        assert Stream.objects.get(ledger_id=cast.room.id).seq == room[-1]["metadata"]["sequence"]


def test_syslog_gets_one_message_an_event(cast: Cast) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)
        with override_settings(SIEM=f"syslog://127.0.0.1:{listener.getsockname()[1]}"):
            tasks.stream_ledgers()
        said = listener.recv(65536).decode()
    assert said.startswith("<110>1 20")
    assert json.loads(said[said.index("{") :])["metadata"]["product"]["name"] == "Workroom"


def test_syslog_over_tcp_is_framed_by_length(cast: Cast) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with override_settings(SIEM=f"syslog+tcp://127.0.0.1:{listener.getsockname()[1]}"):
            thread = threading.Thread(target=tasks.stream_ledgers)
            thread.start()
            connection, _ = listener.accept()
            thread.join(20)
        with connection:
            received = connection.recv(1_000_000)
    length, _, rest = received.partition(b" ")
    assert rest[: int(length)].endswith(b"}")
