"""A value that fits a JSON Schema: what a rehearsal says where nobody wrote what it should say."""

from typing import Any

WORD = "rehearsed"
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "somebody@example.test",
    "time": "12:00:00Z",
    "uri": "https://example.test/",
    "uuid": "00000000-0000-7000-8000-000000000000",
}
DEEPEST = 12


def sample(schema: Any, name: str = "", root: Any = None, depth: int = 0) -> Any:
    """Return a small value that fits `schema`, as far as its shape says; every field of an object that has a schema.

    It may not fit a pattern of texts or what `allOf`, `not` or `if` ask for: validate it.
    """
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > DEEPEST:
        return {} if depth == 0 else None
    if "$ref" in schema:
        return sample(_referred(root, str(schema["$ref"])), name, root, depth + 1)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return sample({**{k: v for k, v in schema.items() if k != key}, **schema[key][0]}, name, root, depth + 1)
    return _of_type(_type(schema), schema, name, root, depth)


def _type(schema: dict[str, Any]) -> str:
    named = schema.get("type", "object" if "properties" in schema or "required" in schema else "")
    kinds = named if isinstance(named, list) else [named]
    return str(next((kind for kind in kinds if kind != "null"), kinds[0]))


def _of_type(kind: str, schema: dict[str, Any], name: str, root: Any, depth: int) -> Any:
    if kind == "object" or (kind == "" and depth == 0):
        known = schema.get("properties", {})
        fields = {key: sample(inner, key, root, depth + 1) for key, inner in known.items()}
        return {**{key: WORD for key in schema.get("required", []) if key not in known}, **fields}
    if kind == "array":
        return [sample(schema.get("items", {}), name, root, depth + 1) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "boolean":
        return True
    return None if kind == "null" else _text(schema)


def _number(schema: dict[str, Any]) -> int | float:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    most = schema.get("maximum", schema.get("exclusiveMaximum", max(least, 0) + 1))
    found: int | float = least if least > 0 else min(0, most)
    step = schema.get("multipleOf")
    return -(-found // step) * step if step else found


def _text(schema: dict[str, Any]) -> str:
    text = FORMATS.get(schema.get("format", ""), WORD)
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]


def _referred(root: Any, reference: str) -> Any:
    found = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found
