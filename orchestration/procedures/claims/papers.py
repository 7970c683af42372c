"""Labelled fields in the text of a document. Nothing else in it is read: a document is evidence, never an order."""

import json
import re
from collections.abc import Iterator
from typing import Any

from orchestration.procedures.claims.fields import FIELD_OF_LABEL, label_key
from orchestration.procedures.claims.money import cents

MOST_LINES = 5_000
_LINE = re.compile(
    r"^[\s>|*+-]*(?P<label>[A-Za-z][A-Za-z _*`]{1,40}?)\**\s*(?::|\||\t|=|\s{2,})\**\s*(?P<value>.*?)[\s|*]*$"
)


def written_in(text: str, media_type: str) -> dict[str, list[str]]:
    """What a document writes for each field of a claim, every occurrence kept; `{}` when it labels nothing."""
    written: dict[str, list[str]] = {}
    for label, value in _labelled(text, media_type):
        field = FIELD_OF_LABEL.get(label_key(label))
        if field == "vehicle" and cents(value) is not None:
            field = "vehicle_cents"
        if field is not None:
            written.setdefault(field, []).append(value)
    return written


def _labelled(text: str, media_type: str) -> Iterator[tuple[str, str]]:
    if "json" in media_type or text.lstrip().startswith("{"):
        try:
            yield from _leaves(json.loads(text), "")
            return
        except (ValueError, RecursionError):
            pass
    for line in text.splitlines()[:MOST_LINES]:
        match = _LINE.match(line[:500])
        if match:
            yield match["label"], match["value"]


def _leaves(value: Any, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, label)
    elif isinstance(value, bool):
        yield label, "YES" if value else "NO"
    elif value is not None:
        yield label, str(value)
