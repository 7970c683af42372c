"""Binding digests: SHA-256 over canonical JSON (RFC 8785)."""

import hashlib
from typing import Any

from accounts.ledger.plain import plain
from accounts.ledger.verify import canonical


def digest(value: Any) -> str:
    """Return the digest of `value` as lowercase hex."""
    return hashlib.sha256(canonical(plain(value))).hexdigest()
