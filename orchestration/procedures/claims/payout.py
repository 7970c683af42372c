"""The payout formula, evaluated over everything that the evidence leaves open. Formula: docs/claims.md.

payout = max(0, min(total of the covered parts − deductible, limit per accident + umbrella))

The formula never falls with total, limit and umbrella and never rises with the deductible, so its smallest and
greatest values lie at the ends of what is open: two evaluations stand for every value of the unknown.
"""

from dataclasses import dataclass
from typing import Any

from orchestration.procedures.claims.fields import PARTS

Amount = int | None


@dataclass(frozen=True, slots=True)
class Range:
    """Cents from `low` to `high`; `high` None is without bound."""

    low: int
    high: Amount

    def is_determined(self) -> bool:
        """Whether only one value is left."""
        return self.low == self.high


def open_range(amount: Amount) -> Range:
    """The range of a known amount is itself, that of an unknown one everything from zero."""
    return Range(0, None) if amount is None else Range(amount, amount)


def covered_total(amounts: dict[str, Amount], total: Amount, covered: list[str]) -> Range:
    """What the covered parts come to. `amounts` by part and the stated `total` may disagree or be unknown.

    A known total settles one unknown part by subtraction. Where all is known and does not add up, the range
    spans both readings.
    """
    if not covered:
        return Range(0, 0)
    inside = sum(amounts[part] or 0 for part in covered)
    outside = sum(amounts[part] or 0 for part in PARTS if part not in covered)
    inside_known = all(amounts[part] is not None for part in covered)
    outside_known = all(amounts[part] is not None for part in PARTS if part not in covered)
    if total is None:
        return Range(inside, inside if inside_known else None)
    rest = max(0, total - outside)
    low, high = min(inside, rest), max(inside, rest)
    if inside_known:
        return Range(low, high if outside_known else inside)
    return Range(rest if outside_known else low, high)


def payout(total: Amount, deductible: Amount, limit: Amount, umbrella: Amount) -> Amount:
    """The formula; None stands for an amount without bound."""
    if deductible is None:
        return 0
    most = None if limit is None or umbrella is None else limit + umbrella
    after = None if total is None else total - deductible
    bounded = [amount for amount in (after, most) if amount is not None]
    return max(0, min(bounded)) if bounded else None


def payout_range(total: Range, coverage: dict[str, Any]) -> Range:
    """The smallest and the greatest payout that the evidence allows."""
    deductible = open_range(coverage.get("deductible_cents"))
    limit = open_range(coverage.get("per_accident_limit_cents"))
    umbrella = open_range(coverage.get("umbrella_cents"))
    low = payout(total.low, deductible.high, limit.low, umbrella.low)
    high = payout(total.high, deductible.low, limit.high, umbrella.high)
    may_be_uncovered = coverage.get("status") == "unknown"
    return Range(0 if may_be_uncovered else low or 0, high)
