"""Taking values out of what a model is shown, and putting them back into what it answers.

A value is replaced by a placeholder such as `[email-k3f9qx2a]`: a keyed digest of it, so that the same value has the
same placeholder in a whole run, and nobody without the key can try values out.
"""

import hmac
import json
import re
from base64 import b32encode
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from accounts.authority.labels import LEVELS, Label
from accounts.authority.patterns import find
from accounts.authority.words import SHORTEST_NAME

PLACEHOLDER = re.compile(r"\[[a-z][a-z0-9_]{0,60}-[a-z2-7]{8}\]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a room takes out of text (`kinds`, `shapes`), and what text labelled up to `up_to` counts as without it.

    `up_to` "": nothing that is taken out lowers a label.
    """

    kinds: tuple[str, ...] = ()
    shapes: Mapping[str, str] = field(default_factory=dict)
    up_to: str = ""
    level: str = "internal"
    tags: frozenset[str] = frozenset()

    def lowered(self, label: Label) -> Label:
        """Return what text with this label counts as once it is redacted. Residency and purposes stay."""
        if self.up_to not in LEVELS or label.rank > LEVELS.index(self.up_to):
            return label
        level = min(label.level, self.level, key=LEVELS.index)
        return Label(level, label.tags - self.tags, label.residency, label.purposes)


@dataclass
class Mask:
    """Takes out fields by name, values that are known by heart, and what has a recognized form.

    `values` is {text: kind}; what was taken out is counted in `counts` by kind and in `fields` by path, and kept in
    `found` by placeholder. `key` is secret and the run's own.
    """

    key: bytes
    names: Collection[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    redaction: Redaction = Redaction()
    found: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)

    def clean(self, value: Any, path: str = "") -> Any:
        """Return a JSON value without what is to be taken out; rows of a table are `{"columns": […], "rows": […]}`."""
        if isinstance(value, Mapping):
            if _is_table(value):
                value = {**value, "rows": [self._row(value["columns"], row, path) for row in value["rows"]]}
            return {self.text(str(name)): self._field(str(name), inner, path) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(inner, path) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        return self._scalar(value)

    def text(self, text: str) -> str:
        """Return a text without known values and recognized ones."""
        spans = [(start, end, kind) for start, end, kind in self._known(text)]
        for hit in find(text, self.redaction.kinds, self.redaction.shapes):
            if all(hit.end <= start or hit.start >= end for start, end, _ in spans):
                spans.append((hit.start, hit.end, hit.kind))
        for start, end, kind in sorted(spans, reverse=True):
            text = text[:start] + self._placeholder(kind, text[start:end]) + text[end:]
        return text

    def _field(self, name: str, value: Any, path: str) -> Any:
        here = f"{path}.{name}" if path else name
        return self._taken(name, value, here) if name in self.names else self.clean(value, here)

    def _row(self, columns: list[str], row: list[Any], path: str) -> list[Any]:
        return [
            self._taken(name, cell, f"{path}.{name}" if path else name) if name in self.names else cell
            for name, cell in zip(columns, row, strict=False)
        ]

    def _taken(self, name: str, value: Any, path: str) -> Any:
        if value is None or value == "":
            return value
        if isinstance(value, list | tuple):
            return [self._taken(name, inner, path) for inner in value]
        self.fields.add(path)
        return self._placeholder(_plain(name), value)

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if PLACEHOLDER.fullmatch(value) else self.text(value)
        written = str(value)
        masked = self.text(written)
        if masked == written:
            return value
        if PLACEHOLDER.fullmatch(masked):
            self.found[masked] = value
        return masked

    def _placeholder(self, kind: str, value: Any) -> str:
        told = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        digest = hmac.new(self.key, f"{kind}\0{told}".encode("utf-8", "replace"), sha256).digest()
        placeholder = f"[{kind}-{b32encode(digest)[:8].decode().lower()}]"
        self.found[placeholder] = value
        self.counts[kind] += 1
        return placeholder

    @cached_property
    def _by_first_word(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        index: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for value, kind in sorted(self.values.items(), key=lambda item: -len(item[0])):
            words = value.split()
            first = _WORD.search(value)
            if first is not None and len("".join(words)) >= SHORTEST_NAME:
                rest = value[first.start() :].split()
                whole = re.compile(r"\s+".join(map(re.escape, rest)) + r"(?!\w)", re.IGNORECASE)
                index.setdefault(first[0].casefold(), []).append((whole, _plain(kind)))
        return index

    def _known(self, text: str) -> list[tuple[int, int, str]]:
        spans: list[tuple[int, int, str]] = []
        for word in _WORD.finditer(text) if self.values else ():
            if spans and word.start() < spans[-1][1]:
                continue
            for whole, kind in self._by_first_word.get(word[0].casefold(), ()):
                if hit := whole.match(text, word.start()):
                    spans.append((hit.start(), hit.end(), kind))
                    break
        return spans


def restored(value: Any, kept: Mapping[str, Any]) -> Any:
    """Return `value` with what placeholders stand for; a text that is one placeholder becomes the very value."""
    if isinstance(value, Mapping):
        return {restored_text(str(name), kept): restored(inner, kept) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [restored(inner, kept) for inner in value]
    if isinstance(value, str):
        return kept[value] if value in kept else restored_text(value, kept)
    return value


def restored_text(text: str, kept: Mapping[str, Any]) -> str:
    """Return `text` with what placeholders in it stand for."""
    return PLACEHOLDER.sub(lambda hit: str(kept.get(hit[0], hit[0])), text)


def _is_table(value: Mapping[str, Any]) -> bool:
    columns, rows = value.get("columns"), value.get("rows")
    return isinstance(columns, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows)


def _plain(name: str) -> str:
    """A kind as placeholders carry it: lower-case letters, digits and underscores."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:60]
    return plain if plain[:1].isalpha() else f"field_{plain}"
