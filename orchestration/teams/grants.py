"""What one line of an agent's `tools:` allows: `documents.read`, `sources.query:policies(policy_number, auto_make)`."""

import re
from dataclasses import dataclass

GRANT = re.compile(r"(?P<tool>[a-z_]+\.[a-z_]+)(?::(?P<target>[a-z0-9][a-z0-9_-]*)(?:\((?P<columns>[^()]*)\))?)?")
EXPECTED = "a tool such as documents.read, or sources.query:SOURCE, or sources.query:SOURCE(column, column)"


class NotAGrant(ValueError):
    """The text is no grant; `args[0]` says what was expected."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A tool, what it is narrowed to, and the only columns it may see.

    No target: whatever the tool reaches. No columns (None): all columns of the target that are not personal.
    """

    tool: str
    target: str | None = None
    columns: tuple[str, ...] | None = None


def parse_grant(text: str) -> Grant:
    """The grant a line of `tools:` stands for; raises NotAGrant."""
    match = GRANT.fullmatch(text.strip())
    if match is None:
        raise NotAGrant(f"expected {EXPECTED}")
    tool, target, listed = match["tool"], match["target"], match["columns"]
    if listed is None:
        return Grant(tool, target)
    columns = tuple(name.strip() for name in listed.split(","))
    if not all(columns):
        raise NotAGrant("expected column names separated by commas between the brackets")
    if len(set(columns)) < len(columns):
        raise NotAGrant("expected each column once")
    return Grant(tool, target, columns)
