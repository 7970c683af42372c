"""Making what came from outside recordable."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.ledger.chain import DEEPEST_PAYLOAD, SAFE_INTEGER, Unrecordable


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` (arguments of a tool call, a model's output) as a ledger can hold it.

    Decimals, floats and integers beyond ±(2^53 - 1) become text, as do dates, times and ids; NUL characters and half
    surrogate pairs become U+FFFD. Raises TypeError for anything else that JSON does not have, Unrecordable for what is
    nested more than 64 deep.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() and "\0" not in value else _text(value)
    if kind is int:
        return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)
    if kind is bool or value is None:
        return value
    if kind is dict or kind is list:
        if depth == DEEPEST_PAYLOAD:
            raise Unrecordable(f"payload: nested more than {DEEPEST_PAYLOAD} deep.")
        if kind is list:
            return [plain(item, depth + 1) for item in value]
        return {plain(key if type(key) is str else str(key)): plain(item, depth + 1) for key, item in value.items()}
    return _of_other_kind(value, depth)


def _of_other_kind(value: Any, depth: int) -> Any:
    """Return what is not exactly one of JSON's own kinds as one that is."""
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, int | float | Decimal | UUID):
        return plain(int(value)) if isinstance(value, int) else str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain(dict(value), depth)
    if isinstance(value, list | tuple | set | frozenset):
        return plain(list(value), depth)
    raise TypeError(f"a ledger cannot hold {type(value).__name__}")


def _text(value: str) -> str:
    text = value.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
