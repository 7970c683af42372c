"""Money as it is written in claims, exact to the cent."""

import re
from decimal import Decimal

_AMOUNT = re.compile(r"(-?)\s*(?:US)?\$?\s*(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*(?:USD)?", re.IGNORECASE)
MOST_CENTS = 10**13


def cents(written: str | None) -> int | None:
    """`63400`, `$63,400.00`, `-10.5` in cents; None for anything else, for fractions of a cent and absurd sizes."""
    match = _AMOUNT.fullmatch((written or "").strip())
    if match is None or (match[1] and match[2]):
        return None
    amount = int(Decimal(f"{match[3].replace(',', '')}.{match[4] or '0'}") * 100)
    if amount > MOST_CENTS:
        return None
    return -amount if match[1] or match[2] else amount


def dollars(amount_cents: int) -> str:
    """`$63,400.00`; negative amounts as `−$500.00`."""
    sign = "−" if amount_cents < 0 else ""
    return f"{sign}${abs(amount_cents) // 100:,}.{abs(amount_cents) % 100:02d}"
