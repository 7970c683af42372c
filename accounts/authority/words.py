"""What a person's own words name: texts, amounts of money, days, and templates such as 'Dinner at {restaurant}'."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

SHORTEST_NAME = 3
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = "|".join(month if month == "may" else f"{month}|{month[:3]}" for month in _MONTHS)
_DAYS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
    re.compile(rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?", re.I),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month>{_MONTH})\b(?:,?\s+(?P<year>\d{{4}})\b)?", re.I
    ),
)
_MONTH_AND_YEAR = re.compile(rf"\b(?:{_MONTH})\s+\d{{4}}\b", re.I)
_AMOUNT = re.compile(r"(?<![\w.,-])[$€£]?\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w%-]|[.,]\d|\s?%)")
_QUOTED = re.compile(r"(?<!\w)'([^'\n]*\{\w+\}[^'\n]*)'(?!\w)|\"([^\"\n]*\{\w+\}[^\"\n]*)\"|“([^”\n]*\{\w+\}[^”\n]*)”")
_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Day:
    """A day as people say it; without a year it is that day of any year."""

    month: int
    day: int
    year: int | None = None

    def is_day(self, other: date) -> bool:
        """True when `other` is this day."""
        return (self.month, self.day) == (other.month, other.day) and self.year in (None, other.year)


def plain(text: str) -> str:
    """Return `text` in lower case with every run of white space as one space."""
    return " ".join(text.casefold().split())


def place_of(value: str, text: str) -> tuple[int, int] | None:
    """Return where `value` stands in `text` as whole words (case and white space do not count), or None.

    A value shorter than three characters names nothing: it would stand in any text by chance.
    """
    words = value.split()
    if len("".join(words)) < SHORTEST_NAME:
        return None
    found = re.search(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None


def stands_in(value: str, text: str) -> bool:
    """True when `value` stands in `text` as whole words."""
    return place_of(value, text) is not None


@lru_cache(maxsize=512)
def days_in(text: str) -> frozenset[Day]:
    """Return the days that `text` names."""
    return frozenset(day for day, _ in _dated(text))


@lru_cache(maxsize=512)
def amounts_in(text: str) -> frozenset[Decimal]:
    """Return the numbers of `text` that can be amounts: not dates, not percentages, not parts of codes."""
    spans = [span for _, span in _dated(text)] + [found.span() for found in _MONTH_AND_YEAR.finditer(text)]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return frozenset(Decimal(found[1].replace(",", "")) for found in _AMOUNT.finditer(text))


@lru_cache(maxsize=512)
def templates_in(text: str) -> tuple[re.Pattern[str], ...]:
    """Return a pattern for each quoted text with {placeholders}: what fills them are its groups."""
    quoted = (next(part for part in found.groups() if part) for found in _QUOTED.finditer(text))
    return tuple(_pattern(template) for template in quoted)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, _PLACEHOLDER.split(plain(template)))))


def _dated(text: str) -> Iterator[tuple[Day, tuple[int, int]]]:
    for pattern in _DAYS:
        for found in pattern.finditer(text):
            year, month, day = found["year"], found["month"].lower(), int(found["day"])
            number = int(month) if month.isdigit() else next(
                place for place, name in enumerate(_MONTHS, start=1) if name.startswith(month)
            )  # fmt: skip
            yield Day(number, day, int(year) if year else None), found.span()
