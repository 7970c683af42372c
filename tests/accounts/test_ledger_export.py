"""What exports look like: the contract's keys in JSON Lines, and CSV that a spreadsheet will not execute."""

import base64
import csv
import io
import json

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from accounts.ledger import export
from accounts.ledger.signing import new_key_pair, public_pem, sign_head
from tests.accounts.ledger_files import KEY, LEDGER, manifest_of, sealed, ten, written

EVENT_KEYS = [
    "seq",
    "at",
    "actor",
    "on_behalf_of",
    "kind",
    "object",
    "run",
    "turn",
    "decision",
    "payload",
    "salt",
    "payload_hash",
    "prev",
    "leaf",
    "hash",
]
MANIFEST_KEYS = ["format", "ledger", "room", "filter", "count", "first", "last", "head", "signature", "key_id"]


def test_lines_have_the_keys_of_the_contract_and_events_left_out_only_number_and_leaf() -> None:
    rows = [json.loads(line) for line in written(ten(), {2, 3})]
    assert list(rows[0]) == MANIFEST_KEYS
    assert (rows[0]["first"], rows[0]["last"], rows[0]["count"]) == (1, 10, 2)
    assert list(rows[2]) == EVENT_KEYS
    assert rows[2] == ten()[1]
    assert rows[4] == {"seq": 4, "leaf": ten()[3]["leaf"]}


def test_the_manifest_signs_ledger_last_and_head() -> None:
    events = ten()
    manifest = manifest_of(events)
    signed = rfc8785.dumps({"ledger": LEDGER, "last": 10, "head": events[-1]["hash"]})
    key = load_pem_public_key(public_pem(KEY.public).encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.b64decode(manifest["signature"]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(sign_head(KEY.private, LEDGER, 9, bytes(32)), signed)


def test_keys_are_new_each_time_and_named_by_their_public_half() -> None:
    one, other = new_key_pair(), new_key_pair()
    assert one.private != other.private
    assert one.key_id != other.key_id
    assert len(one.key_id) == 16


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_a_spreadsheet_would_execute_is_made_inert(start: str) -> None:
    events = sealed([{}])
    events[0].update(object=f"{start}HYPERLINK(1)", actor="person:=1")
    row = next(csv.DictReader(io.StringIO(b"".join(export.csv_lines(events)).decode(), newline=""), export.CSV_KEYS))
    assert row["object"] == f"'{start}HYPERLINK(1)"
    assert row["actor"] == "person:=1"


def test_csv_rows_carry_the_event_and_its_hash_under_their_names() -> None:
    events = ten()
    events[1].update(payload=None, salt=None)
    text = (export.csv_header() + b"".join(export.csv_lines(events))).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["seq"] for row in rows] == [str(seq) for seq in range(1, 11)]
    assert json.loads(rows[0]["payload"]) == events[0]["payload"]
    assert rows[1]["payload"] == ""
    assert rows[2]["hash"] == events[2]["hash"]
    assert rows[3]["run"] == ""
