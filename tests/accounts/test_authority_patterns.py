"""What is recognized in text, what only looks like it, and what a room may add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.authority.patterns import KINDS, ShapeProblem, check_shapes, find

HITS = [
    ("email", "dana.neil+claims@mail.example.co.uk"),
    ("email", "dana@example.test"),
    ("email", "müller@beispiel.de"),
    ("iban", "DE89370400440532013000"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB33BUKB20201555555555"),
    ("iban", "NO9386011117947"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5500-0000-0000-0004"),
    ("card", "378282246310005"),
    ("ssn", "536-90-4399"),
    ("phone", "+49 30 901820"),
    ("phone", "+1 (415) 555-0132"),
    ("phone", "(415) 555-0132"),
    ("phone", "415-555-0132"),
    ("phone", "+442079460958"),
    ("phone", "030 901 8200"),
]
MISSES = [
    "DE89370400440532013001",  # a wrong checksum
    "4111 1111 1111 1112",  # Luhn says no
    "000-12-3456",  # no such area
    "666-45-6789",
    "2026-11-22",
    "12:30 to 14:45",
    "$71,234.50",
    "claim 5417 of 1,000,000",
    "1.2.3.4",
    "a@b",
    "version 2.0.1-rc3",
    "019a7d40-1234-7abc-8def-0123456789ab",
]


@pytest.mark.parametrize(("kind", "value"), HITS)
@pytest.mark.parametrize("around", ["{}", "Call ({}), please.", "x: {};\nnext", '"{}"'])
def test_is_found_whole(kind: str, value: str, around: str) -> None:
    text = around.format(value)
    assert [(hit.kind, hit.value) for hit in find(text, KINDS, {})] == [(kind, value)]


@pytest.mark.parametrize("text", MISSES)
def test_is_not_taken_for_one(text: str) -> None:
    assert find(text, KINDS, {}) == []


def test_what_follows_a_number_does_not_hide_it() -> None:
    text = "BE68 5390 0754 7034 THEN 4111 1111 1111 1111 2026"
    assert [hit.value for hit in find(text, KINDS, {})] == ["BE68 5390 0754 7034", "4111 1111 1111 1111"]


def test_only_what_is_asked_for_is_found() -> None:
    text = "dana@example.test, 536-90-4399"
    assert [hit.kind for hit in find(text, ["ssn"], {})] == ["ssn"]


def test_a_room_adds_shapes_of_its_own() -> None:
    shapes = {"policy": "POL-######", "claim": "CL?@##"}
    check_shapes(shapes)
    found = find("POL-123456 and POL-1234567, CL9Z07, CLAIM", [], shapes)
    assert [(hit.kind, hit.value) for hit in found] == [("policy", "POL-123456"), ("claim", "CL9Z07")]


@pytest.mark.parametrize(
    ("shapes", "complaint"),
    [
        ({"policy": "POL"}, "three of"),
        ({"policy": "#" * 61}, "at most 60"),
        ({"Policy number": "###"}, "no name"),
        ({"email": "###"}, "none of email"),
        ({f"s{n}": "###" for n in range(21)}, "at most 20"),
    ],
)
def test_shapes_that_cannot_be_used_are_refused(shapes: dict[str, str], complaint: str) -> None:
    with pytest.raises(ShapeProblem, match=complaint):
        check_shapes(shapes)


@given(st.text(alphabet="#@?.*+()[]{}\\^$|a1-", min_size=3, max_size=60), st.text(max_size=200))
def test_no_shape_is_read_as_an_expression(shape: str, text: str) -> None:
    for hit in find(text, [], {"own": shape}):
        assert len(hit.value) == len(shape)


@given(st.text(max_size=400))
def test_hits_do_not_overlap_and_say_where_they_stand(text: str) -> None:
    end = 0
    for hit in find(text, KINDS, {"own": "##-##"}):
        assert hit.start >= end and text[hit.start : hit.end] == hit.value
        end = hit.end
