"""JSON Schema 2020-12 as contracts use it: 5.0 is no integer, nothing is fetched, patterns take linear time.

Mistakes are told by path, in words of people who never read a schema.
"""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from orchestration.values.rules import RuleError, evaluate
from orchestration.values.violations import Path, Schema, Violation, closest, short, violation_of

MOST_KEPT = 512
_validators: dict[int, tuple[Schema, Draft202012Validator]] = {}


def validate(schema: Schema, value: Any) -> list[str]:
    """What is wrong with a value, each with its path and what was expected; empty when it fits."""
    return [str(violation) for violation in violations(schema, value)]


def violations(schema: Schema, value: Any) -> list[Violation]:
    """Like `validate`, as data, in the order of the value's paths."""
    try:
        found = [violation_of(closest(error)) for error in _validator(schema).iter_errors(value)]
    except (Unresolvable, RecursionError):
        return [Violation((), "cannot be checked", "a schema whose $ref can be followed")]
    return sorted(set(found), key=lambda violation: (str(violation.path), violation.message))


def _validator(schema: Schema) -> Draft202012Validator:
    """The validator of a schema, kept with it: making one costs more than checking a small value."""
    kept = _validators.get(id(schema))
    if kept is None or kept[0] is not schema:
        if len(_validators) >= MOST_KEPT:
            _validators.clear()
        kept = _validators[id(schema)] = schema, _Validator(schema, registry=Registry())
    return kept[1]


def schema_mistakes(schema: Any) -> list[Violation]:
    """What is wrong with a schema itself. A $ref may only point into the same schema; nothing is ever fetched."""
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    found = dict.fromkeys(violation_of(closest(error)) for error in meta.iter_errors(schema))
    return list(found) or [
        mistake for path, node in _nodes(schema, ()) for mistake in _own_mistakes(path, node, schema)
    ]


def _nodes(schema: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield path, schema
    entries = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, value in entries:
        yield from _nodes(value, (*path, key))


def _own_mistakes(path: Path, node: dict[str, Any], schema: Schema) -> Iterator[Violation]:
    for key in ("$ref", "$dynamicRef"):
        if isinstance(target := node.get(key), str) and not _resolves(target, schema):
            yield Violation((*path, key), f"points to {target}", "a place in this schema, such as #/$defs/line")
    if isinstance(node.get("$id"), str):
        yield Violation((*path, "$id"), "is not used here", "a schema without $id")
    if isinstance(node.get("patternProperties"), dict):
        yield Violation((*path, "patternProperties"), "is not used here", "properties, or additionalProperties")
    if isinstance(pattern := node.get("pattern"), str):
        try:
            _matches(pattern, "")
        except RuleError:
            yield Violation((*path, "pattern"), f"is {short(pattern)}", "a regular expression without look-around")


def _resolves(target: str, schema: Schema) -> bool:
    try:
        resource = Resource.from_contents(schema, default_specification=DRAFT202012)
        Registry().resolver_with_root(resource).lookup(target)
    except Unresolvable:
        return False
    return target.startswith("#")


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, in linear time, which Python's `re` does not promise."""
    return bool(evaluate("text.matches(pattern)", {"text": text, "pattern": pattern}))


def _required(_: Any, names: list[str], value: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError("is missing", path=[name]) for name in names if name not in value)


def _additional(validator: Any, extra: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    for key in [key for key in value if key not in schema.get("properties", {})] if isinstance(value, dict) else []:
        if extra is False:
            yield ValidationError("is not a known key", path=[key])
        elif isinstance(extra, dict):
            yield from validator.descend(value[key], extra, path=key)


def _pattern(_: Any, pattern: str, value: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError("does not match")


def _names(validator: Any, wanted: Schema, value: Any, _: Schema) -> Iterator[ValidationError]:
    for key in value if isinstance(value, dict) else []:
        if any(validator.descend(key, wanted)):
            yield ValidationError("cannot be called so", path=[key])


def _is_integer(_: Any, value: Any) -> bool:
    """Money is counted in integers: 5.0 is none."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"required": _required, "additionalProperties": _additional, "pattern": _pattern, "propertyNames": _names},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
