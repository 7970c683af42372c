"""Rates as people set them, and the bucket that belongs to what they set them for."""

import math
from typing import Any

from accounts.errors import Invalid
from orchestration.limits.buckets import Bucket
from orchestration.models import Endpoint, Source, Target

SLOWEST, FASTEST, MOST_AT_ONCE = 0.001, 10_000.0, 1_000


def rated(rate: float | None, burst: int) -> dict[str, Any]:
    """Return the fields of a rate (calls a second; None: any) and its burst; raises Invalid."""
    if rate is not None and not (math.isfinite(rate) and SLOWEST <= rate <= FASTEST):
        raise Invalid("This rate cannot be kept.", [("rate", f"expected {SLOWEST:g} to {FASTEST:,.0f} calls a second")])
    if not 1 <= burst <= MOST_AT_ONCE:
        raise Invalid("This burst cannot be kept.", [("burst", f"expected 1 to {MOST_AT_ONCE:,} calls at once")])
    return {"rate": rate, "burst": burst}


def read_rate(text: str) -> float | None:
    """Return the calls a second that a form says ("" is none); raises Invalid."""
    try:
        return float(text) if text.strip() else None
    except ValueError as error:
        raise Invalid("This rate cannot be kept.", [("rate", "expected calls a second, such as 20 or 0.5")]) from error


def read_burst(text: str) -> int:
    """Return the calls at once that a form says ("" is 1); raises Invalid."""
    if text.strip() and not text.strip().isdecimal():
        raise Invalid("This burst cannot be kept.", [("burst", "expected how many calls may come at once")])
    return int(text) if text.strip() else 1


def shared_bucket(kind: str, identity: Any, name: str, row: Endpoint | Source | Target) -> Bucket:
    """Return the bucket of an endpoint, a source or a target; `name` is what people call it."""
    return Bucket(f"{row.organization_id}:{kind}:{identity}", f"The {kind} {name}".strip(), row.rate, row.burst)
