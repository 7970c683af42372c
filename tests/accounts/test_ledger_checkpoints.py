"""Checkpoints and proofs from the database: signed once a size, proved, held against exports, given to a witness."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings

from accounts import tasks
from accounts.actions.exports import chunks, export_ledger
from accounts.errors import Invalid
from accounts.ledger import verify
from accounts.ledger.checking import check_ledger
from accounts.ledger.checkpoints import Forked, make_checkpoint
from accounts.ledger.proofs import grown, proved
from accounts.ledger.record import record
from accounts.models import Checkpoint, Event, Ledger, SigningKey, Subtree
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from tests.servers import Cleaner


def write(cast: Cast, count: int) -> None:
    """Append `count` notes to the room's ledger."""
    with unit_of_work(cast.harbor):
        for number in range(count):
            record("note.taken", actor=cast.bob, ledger=cast.room.id, payload={"n": number})


def signed(cast: Cast) -> verify.Checkpoint:
    with unit_of_work(cast.harbor):
        return verify.read_checkpoint(make_checkpoint(cast.room.id).note)


def public(cast: Cast) -> bytes:
    with unit_of_work(cast.harbor):
        return bytes(SigningKey.objects.get().public)


def exported(cast: Cast) -> bytes:
    with unit_of_work(cast.harbor):
        ledger = Ledger.objects.get(pk=cast.room.id)
        made = export_ledger(actor=cast.olivia, ledger=ledger, room=cast.room.slug, asked={}, form="jsonl")
    return b"".join(chunks(made))


def test_a_checkpoint_is_signed_once_a_size_by_the_organization(cast: Cast) -> None:
    first = signed(cast)
    assert signed(cast) == first
    assert verify.signed_by(first, public(cast))
    write(cast, 1)
    second = signed(cast)
    assert second.size == first.size + 1
    assert second.root != first.root
    with unit_of_work(cast.harbor):
        assert Checkpoint.objects.filter(ledger_id=cast.room.id).count() == 2


def test_an_export_is_held_against_checkpoints_before_at_and_after_subtrees_are_stored(cast: Cast) -> None:
    known = []
    for count in (3, 250, 300, 1):
        write(cast, count)
        known.append(signed(cast))
    with unit_of_work(cast.harbor):
        assert Subtree.objects.filter(ledger_id=cast.room.id, level=8).count() == known[-1].size // 256 == 2
    events, _, _ = verify.check(io.BytesIO(exported(cast)), public(cast), known)
    assert events == known[-1].size
    forged = known[1]._replace(root=bytes(32))
    with pytest.raises(verify.Broken, match=f"^broken at #{forged.size}: forked"):
        verify.check(io.BytesIO(exported(cast)), None, [known[0], forged])


def test_an_earlier_state_shown_again_is_found_with_a_later_checkpoint(cast: Cast) -> None:
    old = exported(cast)
    write(cast, 5)
    late = signed(cast)
    assert verify.check(io.BytesIO(old), public(cast))
    with pytest.raises(verify.Broken, match="truncated, or an older state shown again: the checkpoint knows"):
        verify.check(io.BytesIO(old), public(cast), [late])


def test_every_event_is_proved_and_a_change_is_found(cast: Cast) -> None:
    write(cast, 600)
    with unit_of_work(cast.harbor):
        checkpoint = make_checkpoint(cast.room.id)
        events = list(Event.objects.filter(ledger_id=cast.room.id, seq__in=[1, 2, 255, 256, 257, 600]).order_by("seq"))
        lines = list(proved(checkpoint, events, len(events)))
    assert verify.check_case(io.BytesIO(b"".join(lines)), public(cast))[0] == 6
    doctored: dict[str, list[bytes]] = {
        "the payload is not": [*lines[:4], lines[4].replace(b'"n":', b'"N":'), *lines[5:]],
        "a field outside": [*lines[:4], lines[4].replace(b"note.taken", b"note.token"), *lines[5:]],
        "its proof does not lead": [*lines[:4], lines[4].replace(b'"proof":["', b'"proof":["' + b"0" * 64 + b'","')],
        "counts 6 events, the file has 5": lines[:-1],
        "moved or edited": [lines[0], lines[2], lines[1], *lines[3:]],
        "not signed with the key": [lines[0].replace(str(checkpoint.size).encode(), b"9" * 3, 1), *lines[1:]],
    }
    for reason, changed in doctored.items():
        with pytest.raises(verify.Broken, match=reason):
            verify.check_case(io.BytesIO(b"".join(changed)), public(cast))


def test_growth_is_proved_between_any_two_checkpoints_and_a_fork_is_not(cast: Cast) -> None:
    known = []
    for count in (2, 300, 260):
        write(cast, count)
        known.append(signed(cast))
    for older, newer in ((0, 1), (0, 2), (1, 2)):
        pair = [known[older], known[newer]]
        with unit_of_work(cast.harbor):
            proof = json.dumps(grown(cast.room.id, pair[0].size, pair[1].size)).encode()
        assert verify.check_consistency(io.BytesIO(proof), public(cast), pair)[:2] == (pair[0].size, pair[1].size)
        other = [pair[0]._replace(root=bytes(32)), pair[1]]
        with pytest.raises(verify.Broken, match="forked"):
            verify.check_consistency(io.BytesIO(proof), None, other)
    with unit_of_work(cast.harbor), pytest.raises(Invalid):
        grown(cast.room.id, 1, known[0].size)


def test_a_ledger_written_anew_is_not_signed_again_and_the_check_says_so(cast: Cast, cleaner: Cleaner) -> None:
    write(cast, 20)
    signed(cast)
    forger = cleaner.connection
    forger.execute("UPDATE accounts_event SET leaf = sha256('else') WHERE seq = 3")
    write(cast, 1)
    with pytest.raises(Forked):
        signed(cast)
    with unit_of_work(cast.harbor):
        check_ledger(cast.room.id)
    with unit_of_work(cast.harbor):
        assert Ledger.objects.get(pk=cast.room.id).broken_at is not None


@pytest.mark.parametrize("table", ["accounts_subtree", "accounts_checkpoint"])
def test_the_application_may_not_change_what_was_signed(cast: Cast, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET ledger_id = ledger_id"):
        with (
            unit_of_work(cast.harbor),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_directory_witnesses_each_checkpoint_once(cast: Cast, tmp_path: Path) -> None:
    with override_settings(WITNESS=str(tmp_path)):
        tasks.sign_ledgers()
        tasks.sign_ledgers()
    kept = sorted((tmp_path / str(cast.room.id)).iterdir())
    assert [path.read_text() for path in kept] == [f"{signed(cast).text}\n" + kept[0].read_text().splitlines(True)[-1]]
    with unit_of_work(cast.harbor):
        assert Checkpoint.objects.get(ledger_id=cast.room.id).witnessed_at is not None


def test_a_witness_that_has_another_one_is_not_overwritten(
    cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tasks.sign_ledgers()
    place = tmp_path / str(cast.room.id) / f"{signed(cast).size}.checkpoint"
    place.parent.mkdir()
    place.write_text("another history")
    with override_settings(WITNESS=str(tmp_path)):
        tasks.sign_ledgers()
    assert place.read_text() == "another history"
    assert f"{cast.room.id} could not be given to the witness" in caplog.text


class Keeper(BaseHTTPRequestHandler):
    """Keeps what is PUT."""

    kept: dict[str, str] = {}

    def do_PUT(self) -> None:
        self.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_an_address_witnesses_checkpoints(cast: Cast) -> None:
    with HTTPServer(("127.0.0.1", 0), Keeper) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with override_settings(WITNESS=f"http://127.0.0.1:{server.server_port}/kept/"):
            tasks.sign_ledgers()
        server.shutdown()
    size = signed(cast).size
    assert verify.read_checkpoint(Keeper.kept[f"/kept/{cast.room.id}/{size}.checkpoint"]).size == size
