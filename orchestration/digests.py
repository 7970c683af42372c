"""Binding digests: SHA-256 over canonical JSON (RFC 8785)."""

import hashlib
from typing import Any

import rfc8785

from accounts.ledger.plain import plain


def digest(value: Any) -> str:
    """Return the digest of `value` as lowercase hex."""
    return hashlib.sha256(rfc8785.dumps(plain(value))).hexdigest()
