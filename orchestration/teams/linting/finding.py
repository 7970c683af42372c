"""What the linter says, and what it may look at besides the text."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from orchestration.values.violations import Path

Severity = Literal["error", "warning"]
Definition = dict[str, Any]
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a team's text: its line (from 1), the path written out, and how to mend it, if that is clear.

    An error keeps the team from being published; a warning does not.
    """

    line: int
    path: str
    message: str
    expected: str
    severity: Severity = "error"
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A finding before its line is known."""

    path: Path
    message: str
    expected: str
    severity: Severity = "error"
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a team may name: tools and procedures of the product; endpoints, sources (with columns) and teams here."""

    tools: Collection[str]
    procedures: Collection[str]
    endpoints: Collection[str]
    sources: Mapping[str, Collection[str]]
    teams: Mapping[str, Definition]
    slug: str


def unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Mistake:
    """Nothing of this kind is called so."""
    names = sorted(known)
    listed = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return Mistake(
        path,
        f"No {kind} is called {name}.",
        f"one of {listed}" if names else f"a {kind}, but there is none here",
        mend=did_you_mean(name, names),
    )


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The nearest name as a question, if one is near."""
    near = get_close_matches(name, list(names), n=1)
    return f"Did you mean {near[0]}?" if near else None
