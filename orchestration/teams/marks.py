"""Fields of an agent's answer that its contract marks as labelled: `label: confidential`, or `personal: true`."""

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.authority.labels import Label, read_label

PERSONAL = Label("public", frozenset({"personal"}))


def marks_of(schema: Mapping[str, Any]) -> dict[str, Label]:
    """Return {field name: label} of a contract, at any depth; a name that is marked twice has both labels.

    `label` is a level, or a label with level, tags, residency and purposes. Raises ValueError, which names the field.
    """
    found: dict[str, Label] = {}
    for name, label in _marked(schema):
        found[name] = found[name].join(label) if name in found else label
    return found


def _marked(schema: Any) -> Iterator[tuple[str, Label]]:
    if isinstance(schema, list):
        for inner in schema:
            yield from _marked(inner)
    if not isinstance(schema, Mapping):
        return
    for name, entry in _named(schema.get("properties")):
        if (label := _label(name, entry)) is not None:
            yield name, label
    for keyword, inner in schema.items():
        if keyword == "properties":
            for _, entry in _named(inner):
                yield from _marked(entry)
        elif keyword not in ("enum", "const", "default", "examples", "label"):
            yield from _marked(inner)


def _named(properties: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(properties, Mapping):
        return []
    return [(str(name), entry) for name, entry in properties.items() if isinstance(entry, Mapping)]


def _label(name: str, entry: Mapping[str, Any]) -> Label | None:
    said = entry.get("label")
    try:
        stated = read_label({"level": said} if isinstance(said, str) else said)
    except (ValueError, TypeError, AttributeError) as problem:
        raise ValueError(f"{name}: {problem}") from problem
    if entry.get("personal") is True:
        return PERSONAL if stated is None else stated.join(PERSONAL)
    return stated
