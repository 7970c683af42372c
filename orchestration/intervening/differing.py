"""Fields in which two JSON values are not the same."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_FIELDS = 200
MISSING = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same: its path ("lines.0.amount_cents"), and its value in each run (None: not there)."""

    path: str
    first: Any
    second: Any

    @property
    def words(self) -> tuple[str, str]:
        """Both values as people read them, "" for one that is not there."""
        return _words(self.first), _words(self.second)


def differences(first: Any, second: Any) -> list[Difference]:
    """Return the fields in which two JSON values differ, at most 200."""
    found = []
    for difference in _differing("", first, second):
        found.append(difference)
        if len(found) == MOST_FIELDS:
            break
    return found


def _differing(path: str, first: Any, second: Any) -> Iterator[Difference]:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in {**first, **second}:
            yield from _differing(f"{path}.{key}".lstrip("."), first.get(key), second.get(key))
    elif isinstance(first, list) and isinstance(second, list):
        for place in range(max(len(first), len(second))):
            yield from _differing(f"{path}.{place}".lstrip("."), *(_at(values, place) for values in (first, second)))
    elif first != second or isinstance(first, bool) != isinstance(second, bool):
        yield Difference(path, first, second)


def _words(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else MISSING
