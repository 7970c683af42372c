"""An answer that an agent's checks let pass: what a rehearsal says where the first one made up would break them."""

import json
import re
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from orchestration.contracts import check, fires, validate
from orchestration.trials.samples import WORD, sample

Line = dict[str, Any]
Place = tuple[str, ...]
MOST_TRIED = 400
NAMED = re.compile(r"\boutput((?:\.\w+)+)")
GIVEN = re.compile(r"\binput((?:\.\w+)+)")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass(frozen=True, slots=True)
class Rules:
    """What an answer of `agent`, who is `given` this, is held against: `checks` it has to pass, and `exceptions` that
    would call people about it."""

    agent: str
    given: Line
    checks: tuple[str, ...]
    exceptions: tuple[str, ...]

    def broken(self, answer: Line) -> list[str]:
        """Return the checks that `answer` does not pass."""
        return [rule for rule in self.checks if check(rule, self._seen(answer))]

    def calling(self, answer: Line) -> list[str]:
        """Return the exceptions that call people about `answer`."""
        return [rule for rule in self.exceptions if fires(rule, self._seen(answer))]

    def _seen(self, answer: Line) -> Line:
        return {"agent": self.agent, "input": self.given, "output": answer}


def passing(schema: Line, answer: Line, rules: Rules) -> Line:
    """Return the first answer found, nearest to `answer` first, that fits `schema`, passes the checks and calls nobody;
    else one that passes the checks; else `answer`. At most MOST_TRIED are looked at, always in the same order."""
    waiting, seen, passes = deque([answer]), {_key(answer)}, None
    while waiting:
        tried = waiting.popleft()
        broken, calling = rules.broken(tried), rules.calling(tried)
        if not broken and not calling:
            return tried
        if passes is None and not broken:
            passes = tried
        for changed in _changes(schema, tried, [*broken, *calling], rules.given):
            if len(seen) < MOST_TRIED and _key(changed) not in seen:
                seen.add(_key(changed))
                if not validate(schema, changed):
                    waiting.append(changed)
    return answer if passes is None else passes


def _key(answer: Line) -> str:
    return json.dumps(answer, sort_keys=True)


def _changes(schema: Line, answer: Line, objecting: list[str], given: Line) -> Iterator[Line]:
    """Give the answer with one field changed that a rule names which objects to it."""
    for rule in objecting:
        for named in NAMED.findall(rule):
            place, part = _place(schema, tuple(named[1:].split(".")))
            for value in (*_values(part), *_said(rule, given)):
                yield _put(answer, place, value)


def _place(schema: Line, names: Place) -> tuple[Place, Line]:
    """Return as much of a name as the schema knows (what follows is a function of CEL), and what it says of it."""
    place: Place = ()
    while names[len(place) :] and isinstance(inner := schema.get("properties", {}).get(names[len(place)]), dict):
        place, schema = (*place, names[len(place)]), inner
    return (place, schema) if place else (names[:1], {})


def _values(part: Line) -> list[Any]:
    """Return a few values that a field may have."""
    if not part:
        return [WORD, 1, True, [WORD]]
    if "enum" in part:
        return list(part["enum"])
    options = [sample({**part, "anyOf": [one]}) for key in ("anyOf", "oneOf") for one in part.get(key, [])]
    part = {key: value for key, value in part.items() if key != "default"}
    kinds = part["type"] if isinstance(part.get("type"), list) else [part.get("type")]
    for kind in kinds:
        value = sample({**part, "type": kind})
        options += [True, False] if kind == "boolean" else [value]
        if kind in ("integer", "number"):
            options += [value + part.get("multipleOf", 1), *([part["maximum"]] if "maximum" in part else [])]
        if kind == "array":
            options.append(sample({**part, "minItems": part.get("minItems", 0) + 1}))
    return options


def _said(rule: str, given: Line) -> Iterator[Any]:
    """Give the values that a rule compares with: those written in it, those beside them, and those it was given."""
    for number in NUMBER.findall(rule):
        yield from (int(number), int(number) + 1, int(number) - 1)
    yield from (single or double for single, double in TEXT.findall(rule))
    for named in GIVEN.findall(rule):
        value: Any = given
        for name in named[1:].split("."):
            value = value.get(name) if isinstance(value, dict) else None
        yield value


def _put(answer: Line, place: Place, value: Any) -> Line:
    changed = deepcopy(answer)
    within = changed
    for name in place[:-1]:
        within[name] = within[name] if isinstance(within.get(name), dict) else {}
        within = within[name]
    within[place[-1]] = value
    return changed
