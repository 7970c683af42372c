"""Text of a team ↔ data, with the line of every value.

YAML is read as JSON with less punctuation: numbers, true, false and null are what JSON says they are, everything else
is text. So nothing turns into a date or a boolean by surprise, and import → export → import gives the same data.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

Media = Literal["yaml", "json"]
Path = tuple[str | int, ...]

LONGEST = 200_000
DEEPEST = 40
LARGEST_INTEGER = 2**53
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Unreadable(ValueError):
    """The text is not what it should be: `line` (from 1), `message` and `expected`."""

    def __init__(self, line: int, message: str, expected: str) -> None:
        super().__init__(f"line {line}: {message} Expected {expected}.")
        self.line, self.message, self.expected = line, message, expected


@dataclass(frozen=True, slots=True)
class Loaded:
    """A team's data, and the line (from 1) at which each value, or its key, stands."""

    data: dict[str, Any]
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it when the path itself is missing."""
        return next(self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines)


def load(text: str, media: Media = "yaml") -> Loaded:
    """Read a team; raises Unreadable. Aliases, tags, duplicate keys, tabs and more than one document are refused."""
    if len(text) > LONGEST:
        raise Unreadable(1, f"The text is {len(text):,} characters long.", f"at most {LONGEST:,}")
    if media == "json":
        _refuse_what_is_not_json(text)
        # In JSON a tab within text is written \t, so the others are only space, which YAML does not allow.
        text = text.replace("\t", " ")
    data, lines = _read_yaml(text)
    if not isinstance(data, dict):
        raise Unreadable(1, "This is no team.", "keys and values, beginning with schema: 1")
    return Loaded(data, lines)


def _refuse_what_is_not_json(text: str) -> None:
    """JSON is YAML, so the YAML reader reads it, with lines; only it would accept more than JSON."""

    def refuse(word: str) -> None:
        raise Unreadable(1, f"{word} is no number.", "numbers that JSON knows")

    try:
        json.loads(text, parse_constant=refuse, parse_int=len)
    except json.JSONDecodeError as error:
        raise Unreadable(error.lineno, f"This is not JSON: {error.msg}.", "a JSON object") from error
    except RecursionError as error:
        raise Unreadable(1, "This is nested too deeply.", f"at most {DEEPEST} levels") from error


def _read_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(line, "There is a character that cannot be part of a text.", "printable text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Unreadable(mark.line + 1 if mark is not None else 1, *_plain(error)) from error
    return reader.result, reader.lines


def _plain(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """A YAML error in words of the person who wrote the text: message, expected."""
    problem = error.problem or ""
    if "\\t" in problem:
        return "There is a tab.", "spaces to indent"
    if "mapping values are not allowed" in problem:
        return "A second colon stands in this line.", "quotes around text with a colon"
    if "could not find expected ':'" in problem:
        return "A key without a colon.", "key: value"
    context = f" {error.context}" if error.context else ""
    return f"This is not YAML: {problem}{context}.", "lines of key: value, indented by spaces"


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being read; `key` is the mapping's key that waits for its value."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


@dataclass(slots=True)
class _Reader:
    """Builds data from YAML events, iteratively: no depth of nesting can exhaust the stack."""

    result: Any = None
    lines: dict[Path, int] = field(default_factory=lambda: {(): 1})
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        """The next event of the text, in order."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise Unreadable(line, "A second document begins.", "one team in a text")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(line, "Anchors (&) and aliases (*) are not used here.", "the value itself, or quotes")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if event.tag is not None:
            raise Unreadable(line, f"Tags ({event.tag}) are not used here.", "the value itself")
        text = _storable(event.value, line)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            if text in top.value:
                raise Unreadable(line, f"The key {text} stands here twice.", "each key once")
            top.key = text
            self.lines[(*top.path, text)] = line
            return
        self._place(_plain_value(text, line) if event.implicit[0] else text, line)

    def _begin(self, value: dict[str, Any] | list[Any], event: yaml.CollectionStartEvent, line: int) -> None:
        if event.tag is not None:
            raise Unreadable(line, f"Tags ({event.tag}) are not used here.", "the value itself")
        if len(self.stack) == DEEPEST:
            raise Unreadable(line, "This is nested too deeply.", f"at most {DEEPEST} levels")
        self.stack.append(_Open(value, self._place(value, line)))

    def _place(self, value: Any, line: int) -> Path:
        """Put a value where it belongs; returns its path."""
        if not self.stack:
            self.result = value
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            path = (*top.path, len(top.value))
            top.value.append(value)
            self.lines[path] = line
            return path
        if top.key is None:
            raise Unreadable(line, "A key is a list or a mapping.", "text as key")
        path = (*top.path, top.key)
        top.value[top.key], top.key = value, None
        return path


def _storable(text: str, line: int) -> str:
    """The text with escaped surrogate pairs joined; a NUL or half a pair cannot be stored and is refused."""
    try:
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        joined = "\0"
    if "\0" in joined:
        raise Unreadable(line, "There is a character that cannot be part of a text.", "printable text")
    return joined


def _plain_value(text: str, line: int) -> Any:
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
            raise Unreadable(line, f"The number {text[:20]} is too large.", f"at most {LARGEST_INTEGER:,}, or quotes")
        return int(text)
    if not NUMBER.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable(line, f"The number {text[:20]} is too large.", "a smaller one, or quotes")
    return number
