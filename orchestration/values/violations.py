"""Mistakes of a value against its schema, in words of people who never read a schema."""

import json
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import relevance

Path = tuple[str | int, ...]
Schema = dict[str, Any]

IN_WORDS = {
    "object": "keys and values",
    "array": "a list",
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
SAID_BY_ITSELF = frozenset({"required", "additionalProperties", "propertyNames"})
EXPECTED = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "minLength": "{} or more characters",
    "maxLength": "{} or fewer characters",
    "minItems": "{} or more entries",
    "maxItems": "{} or fewer entries",
    "minProperties": "{} or more keys",
    "maxProperties": "{} or fewer keys",
    "uniqueItems": "each entry once",
    "pattern": "text that matches {}",
    "const": "{}",
    "anyOf": "one of the alternatives",
    "oneOf": "exactly one of the alternatives",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a value breaks its schema, what is wrong there and what was expected."""

    path: Path
    message: str
    expected: str

    def __str__(self) -> str:
        return f"{written(self.path) or 'the value'} {self.message}; expected {self.expected}"


def written(path: Path) -> str:
    """A path as people write it: ("lines", 0, "label") is lines[0].label."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def closest(error: ValidationError) -> ValidationError:
    """Of the ways in which no alternative fits, the one that fits best."""
    while error.context:
        kinds = [branch for branch in error.context if branch.validator != "type" or branch.relative_path]
        if not kinds:
            return error
        error = min(kinds, key=lambda branch: (-len(branch.relative_path), relevance(branch)))
    return error


def violation_of(error: ValidationError) -> Violation:
    schema = error.schema if isinstance(error.schema, dict) else {}
    message = error.message if error.validator in SAID_BY_ITSELF else f"is {short(error.instance)}"
    return Violation(tuple(error.absolute_path), message, _expected(error, schema))


def _expected(error: ValidationError, schema: Schema) -> str:
    keyword, value = str(error.validator), error.validator_value
    if keyword == "required":
        return _in_words(schema.get("properties", {}).get(error.path[-1], {}))
    if keyword == "additionalProperties":
        known = schema.get("properties", {})
        return "one of " + ", ".join(known) if known else "no keys"
    if keyword == "propertyNames" and isinstance(value, dict):
        return _in_words(value)
    if "description" in schema or keyword in ("type", "enum"):
        return _in_words(schema)
    return EXPECTED.get(keyword, keyword + " {}").format(
        value if isinstance(value, str) and keyword == "pattern" else short(value)
    )


def _in_words(schema: Any) -> str:
    """What a schema wants: its description, or else its choices, or else its type."""
    schema = schema if isinstance(schema, dict) else {}
    if "description" in schema:
        return str(schema["description"])
    if "enum" in schema:
        return "one of " + ", ".join(str(choice) for choice in schema["enum"])
    kinds = schema.get("type", [])
    return " or ".join(IN_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "a value"


def short(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
