"""What raises a fraud score: contradictions inside a claim, and patterns that investigators know.

Each function answers True, False, or None when the evidence is unknown. Points are judgement, not fitted;
docs/claims.md gives the reason for each. No contradiction alone reaches the bar of 60.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orchestration.procedures.claims.fields import PARTS, days_between

Claim = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Indicator:
    """`points` are added to the score when `found` says True."""

    points: int
    reason: str
    found: Callable[[Claim], bool | None]


def all_of(*answers: bool | None) -> bool | None:
    """Three-valued and: one False decides, otherwise one unknown leaves it unknown."""
    if False in answers:
        return False
    return None if None in answers else True


def known(claim: Claim, field: str, test: Callable[[Any], bool]) -> bool | None:
    """The test on a field, None when the field is unknown."""
    value = claim.get(field)
    return None if value is None else test(value)


def is_claimed(claim: Claim, part: str) -> bool | None:
    """Whether anything is claimed for a part."""
    return known(claim, f"{part}_cents", lambda amount: amount > 0)


def bind_gap(claim: Claim, test: Callable[[int], bool]) -> bool | None:
    """The test on the days from the policy's bind date to the incident."""
    days = days_between(claim.get("bind_date"), claim.get("incident_date"))
    return None if days is None else test(days)


def _adds_up(claim: Claim) -> bool | None:
    amounts = [claim.get(f"{part}_cents") for part in PARTS]
    total, known_amounts = claim.get("total_cents"), [amount for amount in amounts if amount is not None]
    return None if total is None or len(known_amounts) < len(PARTS) else total == sum(known_amounts)


def _differs(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _severe(claim: Claim) -> bool | None:
    return known(claim, "severity", lambda severity: severity in ("Major Damage", "Total Loss"))


CONTRADICTIONS = (
    Indicator(
        12,
        "An injury is claimed, but nobody was injured.",
        lambda c: all_of(is_claimed(c, "injury"), known(c, "injured", lambda n: n == 0)),
    ),
    Indicator(
        12,
        "Property damage is claimed, but none was reported.",
        lambda c: all_of(is_claimed(c, "property"), known(c, "property_damage", lambda answer: answer == "NO")),
    ),
    Indicator(25, "The total is not the sum of its parts.", lambda c: _differs(_adds_up(c))),
    Indicator(25, "The incident lies before the policy was bound.", lambda c: bind_gap(c, lambda days: days < 0)),
    Indicator(
        20,
        "A collision of several vehicles, but one vehicle was involved.",
        lambda c: all_of(
            known(c, "incident_type", lambda kind: kind == "Multi-vehicle Collision"),
            known(c, "vehicles", lambda n: n <= 1),
        ),
    ),
    Indicator(
        20,
        "An incident of a single vehicle, but several were involved.",
        lambda c: all_of(
            known(c, "incident_type", lambda kind: kind in ("Single Vehicle Collision", "Parked Car")),
            known(c, "vehicles", lambda n: n > 1),
        ),
    ),
    Indicator(
        20,
        "Major damage or a total loss, but no authority was called.",
        lambda c: all_of(_severe(c), known(c, "authorities", lambda who: who == "None")),
    ),
    Indicator(
        20,
        "A police report is said to exist, but no authority was called.",
        lambda c: all_of(
            known(c, "police_report", lambda answer: answer == "YES"),
            known(c, "authorities", lambda who: who == "None"),
            _severe(c),
        ),
    ),
)
PATTERNS = (
    Indicator(
        50,
        "Major, repairable damage: the amount rests on an estimate, which is where claims are padded.",
        lambda c: known(c, "severity", lambda severity: severity == "Major Damage"),
    ),
    Indicator(
        8,
        "No police report backs the claim.",
        lambda c: known(c, "police_report", lambda answer: answer == "NO"),
    ),
    Indicator(8, "There is no witness.", lambda c: known(c, "witnesses", lambda n: n == 0)),
    Indicator(10, "Two or more people are said to be injured.", lambda c: known(c, "injured", lambda n: n >= 2)),
    Indicator(12, "The policy is younger than 60 days.", lambda c: bind_gap(c, lambda days: 0 <= days < 60)),
    Indicator(4, "The incident was at night.", lambda c: known(c, "hour", lambda hour: hour >= 22 or hour < 5)),
    Indicator(
        15,
        "The same policy had an earlier claim within a year.",
        lambda c: known(c, "earlier_claims", lambda n: n >= 1),
    ),
    Indicator(
        25,
        "The same incident was claimed more than once.",
        lambda c: known(c, "same_incident", lambda n: n >= 2),
    ),
    Indicator(
        20,
        "Another policy has a claim at the same place within 30 days.",
        lambda c: known(c, "same_place", lambda n: n >= 1),
    ),
)
