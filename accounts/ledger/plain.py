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
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        text = value.replace("\0", "\ufffd")
        return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= SAFE_INTEGER):
        return value
    if isinstance(value, int | float | Decimal | UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if depth == DEEPEST_PAYLOAD:
        raise Unrecordable(f"payload: nested more than {DEEPEST_PAYLOAD} deep.")
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    raise TypeError(f"a ledger cannot hold {type(value).__name__}")
