"""The chain: hashes as the contract writes them, and refusal of what could not be read back the same."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from accounts.ledger.chain import FIRST_PREV, Unrecordable, seal
from accounts.ledger.plain import plain
from accounts.ledger.verify import canonical

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
ANY_TEXT = st.text(max_size=12)
FOREIGN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | ANY_TEXT | st.uuids() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def event(**changes: Any) -> dict[str, Any]:
    return {
        "at": "2026-11-22T12:05:22.000001Z",
        "actor": "person:alice",
        "on_behalf_of": None,
        "kind": "message.posted",
        "object": None,
        "run": None,
        "turn": None,
        "decision": None,
        "payload": {"body": "Zwölf", "z": 1, "a": [1, 2]},
        **changes,
    }


def test_hashes_are_those_of_the_contract_computed_independently() -> None:
    alices, prev = event(), bytes(range(32))
    sealed = seal(prev, 7, alices)
    assert len(sealed.salt) == 16
    assert sealed.payload_hash == hashlib.sha256(sealed.salt + rfc8785.dumps(alices["payload"])).digest()
    others = {name: value for name, value in alices.items() if name != "payload"}
    hashed = rfc8785.dumps({**others, "seq": 7, "payload_hash": sealed.payload_hash.hex()})
    assert sealed.leaf == hashlib.sha256(b"\x00" + hashed).digest()
    assert sealed.hash == hashlib.sha256(b"\x01" + prev + sealed.leaf).digest()


def test_the_same_payload_hashes_differently_each_time_so_that_nobody_can_guess_an_erased_one() -> None:
    assert seal(FIRST_PREV, 1, event()).payload_hash != seal(FIRST_PREV, 1, event()).payload_hash


@given(JSON)
def test_canonical_is_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("keys", ["\ue000😀", "ﬀ\U00010000a", "é\uffff𝔘z"])
def test_keys_sort_by_utf_16_code_unit_at_every_depth(keys: str) -> None:
    value = {"outer": [dict.fromkeys(keys, 1)], **dict.fromkeys(keys)}
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"score": [1, {"of": 0.5}]}, r"payload\.score\.1\.of: 0\.5 is float.*record a decimal as text"),
        ({"n": float("nan")}, r"payload\.n: nan is float"),
        ({"n": 2**53}, r"payload\.n: an integer beyond"),
        ({"n": -(10**400)}, r"payload\.n: an integer beyond"),
        ({"d": Decimal("1.5")}, r"payload\.d: .* is Decimal"),
        ({"id": UUID(int=1)}, r"payload\.id: .* is UUID"),
        ({"raw": b"x"}, r"payload\.raw: .* is bytes"),
        ({1: "x"}, r"payload: the key 1 is not text"),
        ({"a": "\ud800"}, r"payload\.a: text with half a surrogate pair"),
        ({"\udfff": 1}, r"payload, a key: text with half a surrogate pair"),
        ({"a": "b\0c"}, r"payload\.a: text with a NUL"),
        ({"a": "x" * 2**20}, r"payload: \d+ bytes, at most"),
        ([], r"payload: expected an object, found list"),
        (None, r"payload: expected an object, found NoneType"),
    ],
)
def test_refuses_what_could_not_be_read_back_the_same(payload: Any, message: str) -> None:
    with pytest.raises(Unrecordable, match=message):
        seal(FIRST_PREV, 1, event(payload=payload))


def test_refuses_nesting_that_a_reader_could_not_follow() -> None:
    deep: Any = {}
    for _ in range(64):
        deep = {"in": deep}
    with pytest.raises(Unrecordable, match="nested more than 64 deep"):
        seal(FIRST_PREV, 1, event(payload=deep))
    seal(FIRST_PREV, 1, event(payload=deep["in"]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"at": "2026-11-22T12:05:22Z"}, "at: .* is not UTC with microseconds"),
        ({"run": UUID(int=1)}, "run: expected text, found UUID"),
        ({"actor": None}, "actor: expected text, found NoneType"),
        ({"object": "\0"}, "object: text with a NUL"),
        ({"room": "x"}, "missing or unknown: room"),
    ],
)
def test_refuses_fields_that_are_not_those_of_an_event(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Unrecordable, match=message):
        seal(FIRST_PREV, 1, event(**changes))


@given(st.dictionaries(ANY_TEXT, FOREIGN, max_size=4))
def test_plain_makes_whatever_an_agent_sends_recordable_and_changes_nothing_that_is(payload: dict[str, Any]) -> None:
    made = plain(payload)
    seal(FIRST_PREV, 1, event(payload=made))
    assert plain(made) == made


def test_plain_keeps_what_a_number_or_a_date_says() -> None:
    date = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    given_, expected = (
        {"a": 1.25, "b": 2**60, "c": date, "d": (1,)},
        {"a": "1.25", "b": str(2**60), "c": date.isoformat()},
    )
    assert plain(given_) == {**expected, "d": [1]}
    assert plain("a\0b\ud800") == "a\ufffdb\ufffd"
    with pytest.raises(TypeError, match="cannot hold bytes"):
        plain(b"x")
