"""The payout formula over open evidence: its ends are those of trying every value."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.procedures.claims.fields import PARTS
from orchestration.procedures.claims.payout import Range, covered_total, payout, payout_range

EVERY = list(PARTS)
AMOUNTS = st.integers(0, 12)
MAYBE = st.one_of(st.none(), AMOUNTS)
TOP = 40


@given(total=AMOUNTS, deductible=MAYBE, limit=MAYBE, umbrella=MAYBE)
def test_the_range_is_that_of_every_possible_value(
    total: int, deductible: int | None, limit: int | None, umbrella: int | None
) -> None:
    found = payout_range(
        Range(total, total),
        {
            "status": "in_force",
            "deductible_cents": deductible,
            "per_accident_limit_cents": limit,
            "umbrella_cents": umbrella,
        },
    )
    choices = [range(TOP) if value is None else (value,) for value in (deductible, limit, umbrella)]
    tried = {max(0, min(total - d, high + extra)) for d, high, extra in product(*choices)}
    assert (found.low, found.high) == (min(tried), max(tried))


@given(amounts=st.fixed_dictionaries(dict.fromkeys(PARTS, MAYBE)), covered=st.sets(st.sampled_from(EVERY), min_size=1))
def test_a_stated_total_settles_what_it_can(amounts: dict[str, int | None], covered: set[str]) -> None:
    """Against trying every value of the unknown parts that adds up to a total of 20."""
    total = 20
    choices = [range(total + 1) if amounts[part] is None else (amounts[part] or 0,) for part in PARTS]
    tried = {
        sum(value for part, value in zip(PARTS, values, strict=True) if part in covered)
        for values in product(*choices)
        if sum(values) == total
    }
    if tried:
        found = covered_total(amounts, total, [part for part in PARTS if part in covered])
        assert (found.low, found.high) == (min(tried), max(tried))


@pytest.mark.parametrize(
    ("amounts", "total", "covered", "expected"),
    [
        ((1, 2, 3), 6, EVERY, Range(6, 6)),
        ((1, 2, 3), 9, EVERY, Range(6, 9)),
        ((1, 2, 3), 4, EVERY, Range(4, 6)),
        ((1, 2, 3), 6, ["injury", "property"], Range(3, 3)),
        ((None, None, None), 6, EVERY, Range(6, 6)),
        ((1, 2, 3), None, EVERY, Range(6, 6)),
        ((1, None, 3), None, EVERY, Range(4, None)),
        ((1, None, 3), 6, ["property"], Range(2, 2)),
        ((1, 2, 3), 6, [], Range(0, 0)),
    ],
)
def test_covered_total(amounts: tuple[int | None, ...], total: int | None, covered: list[str], expected: Range) -> None:
    assert covered_total(dict(zip(PARTS, amounts, strict=True)), total, covered) == expected


def test_nothing_known_is_without_bound() -> None:
    assert payout(None, 0, None, None) is None
    assert payout(None, 500, 1000, 200) == 1200
    assert payout(400, 500, 1000, 0) == 0


def test_a_policy_that_may_not_have_been_in_force_may_pay_nothing() -> None:
    known = {"deductible_cents": 1, "per_accident_limit_cents": 100, "umbrella_cents": 0}
    assert payout_range(Range(10, 10), {"status": "unknown", **known}) == Range(0, 9)
