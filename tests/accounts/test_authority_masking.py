"""What a mask takes out, what it leaves, and that everything can be put back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accounts.authority.labels import Label
from accounts.authority.masking import PLACEHOLDER, Mask, Redaction, restored
from accounts.authority.patterns import KINDS

ALL = Redaction(KINDS, {"policy": "POL-######"}, "confidential", "internal", frozenset({"personal"}))


def test_fields_are_taken_out_by_name_at_any_depth_and_in_rows() -> None:
    mask = Mask(b"k", names={"name", "age"})
    shown = mask.clean({"claim": {"name": "Dana Fox", "sum": 7}, "columns": ["age", "make"], "rows": [["41", "Audi"]]})
    assert "Dana" not in json.dumps(shown) and shown["claim"]["sum"] == 7
    assert PLACEHOLDER.fullmatch(shown["rows"][0][0]) and shown["rows"][0][1] == "Audi"
    assert (dict(mask.counts), mask.fields) == ({"name": 1, "age": 1}, {"claim.name", "age"})


def test_known_values_are_taken_out_of_prose_in_any_case_and_spacing() -> None:
    mask = Mask(b"k", values={"Dana Fox": "name", "12 Elm Street": "address", "ab": "short"})
    text = mask.text("DANA  fox lives at 12 Elm\nStreet; Danae Foxes does not. ab stays.")
    assert "lives at" in text and "Danae Foxes does not. ab stays." in text
    assert "dana" not in text.lower().replace("danae", "") and "Elm" not in text


def test_recognized_values_are_taken_out_also_of_numbers() -> None:
    mask = Mask(b"k", redaction=ALL)
    shown = mask.clean({"card": 4111111111111111, "note": "POL-123456, dana@example.test", "count": 12, "ok": True})
    assert (shown["count"], shown["ok"]) == (12, True)
    assert "4111" not in json.dumps(shown) and "123456" not in json.dumps(shown) and "dana" not in json.dumps(shown)
    assert dict(mask.counts) == {"card": 1, "policy": 1, "email": 1}
    assert restored(shown["card"], mask.found) == 4111111111111111


def test_the_same_value_has_the_same_placeholder_in_a_run_and_another_in_the_next() -> None:
    first, again, other = (Mask(key, redaction=ALL).text("dana@example.test") for key in (b"1", b"1", b"2"))
    assert first == again != other


def test_what_was_taken_out_stays_out_when_it_comes_back() -> None:
    mask = Mask(b"k", redaction=ALL)
    once = mask.text("Write to dana@example.test.")
    assert mask.text(once) == once


def test_redacted_text_counts_as_less_only_where_the_room_says_so() -> None:
    personal = Label("confidential", frozenset({"personal", "need:legal"}), frozenset({"DE"}))
    assert ALL.lowered(personal) == Label("internal", frozenset({"need:legal"}), frozenset({"DE"}))
    assert ALL.lowered(Label("restricted")) == Label("restricted")
    assert ALL.lowered(Label("public")) == Label("public")
    assert Redaction(KINDS).lowered(personal) == personal


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["dana@example.test", "Dana Fox", "x"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "note", "id"]), inner),
    max_leaves=12,
)


@given(values)
def test_whatever_is_taken_out_can_be_put_back(value: Any) -> None:
    mask = Mask(b"k", names={"name"}, values={"Dana Fox": "person"}, redaction=ALL)
    shown = mask.clean(value)
    assert restored(shown, mask.found) == value
    assert "Dana Fox" not in json.dumps(shown, ensure_ascii=False)
    assert "dana@example.test" not in json.dumps(shown, ensure_ascii=False)
