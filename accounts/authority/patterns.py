"""What can be recognized in text without knowing whose it is: addresses and numbers with a form of their own.

A pattern finds candidates, a checksum or a rule of the issuer refuses most of what only looks like one. Names, and
whatever has no form, are not found: only marked fields and known values take those out.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from stdnum import iban, luhn
from stdnum.us import ssn

LONGEST_SHAPE = 60
MOST_SHAPES = 20
_SIGNS = {"#": "[0-9]", "@": "[A-Za-z]", "?": "[A-Za-z0-9]"}
_SHAPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class Found:
    """One recognized value, and where it stands."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Kind:
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_card(text: str) -> bool:
    number = _digits(text)
    return 13 <= len(number) <= 19 and number[0] in "23456" and luhn.is_valid(number)


def _is_iban(text: str) -> bool:
    return bool(iban.is_valid(text, check_country=False))


def _is_email(text: str) -> bool:
    return True


def _is_phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15


# Longer and surer ones first: what one has taken, no later one takes again.
_KINDS: dict[str, _Kind] = {
    "email": _Kind(re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"), _is_email),
    "iban": _Kind(re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"), _is_iban),
    "card": _Kind(re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])"), _is_card),
    "ssn": _Kind(re.compile(r"(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])"), lambda text: ssn.is_valid(_digits(text))),
    "phone": _Kind(
        re.compile(
            r"(?<![\w.-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}"
            r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4}|0\d{2,4}[ /-]\d{3,4}(?:[ -]?\d{2,4}){1,2})(?![\w-])"
        ),
        _is_phone,
    ),
}  # fmt: skip
KINDS = tuple(_KINDS)


class ShapeProblem(ValueError):
    """A shape cannot be used; the text says why."""


def check_shapes(shapes: Mapping[str, str]) -> None:
    """Raise ShapeProblem for shapes ({name: shape}) that cannot be used.

    In a shape `#` is a digit, `@` a letter, `?` either; everything else stands for itself. It needs three such signs,
    or it would take out ordinary words. (No regular expressions: one that runs for ever must not be possible.)
    """
    if len(shapes) > MOST_SHAPES:
        raise ShapeProblem(f"at most {MOST_SHAPES} shapes")
    for name, shape in shapes.items():
        if not _SHAPE_NAME.fullmatch(name) or name in _KINDS:
            raise ShapeProblem(
                f"{name[:40]!r} is no name for a shape: lower-case letters, and none of {', '.join(KINDS)}"
            )
        if not isinstance(shape, str) or len(shape) > LONGEST_SHAPE or sum(sign in _SIGNS for sign in shape) < 3:
            raise ShapeProblem(f"{name}: expected at most {LONGEST_SHAPE} characters with three of #, @ or ?")


def find(text: str, kinds: Collection[str], shapes: Mapping[str, str]) -> list[Found]:
    """Return what is recognized in `text`, in order and without overlaps."""
    taken: list[Found] = []
    for found in _candidates(text, kinds, shapes):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda found: found.start)


def _candidates(text: str, kinds: Collection[str], shapes: Mapping[str, str]) -> Iterator[Found]:
    for name, shape in shapes.items():
        yield from (Found(name, hit[0], *hit.span()) for hit in _shaped(shape).finditer(text))
    for name, kind in _KINDS.items():
        if name in kinds:
            for hit in kind.pattern.finditer(text):
                if value := _longest(hit[0], kind.holds):
                    yield Found(name, value, hit.start(), hit.start() + len(value))


def _longest(candidate: str, holds: Callable[[str], bool]) -> str:
    """Return the longest beginning of `candidate`, in whole groups, that holds: a pattern can run too far."""
    while candidate and not holds(candidate):
        candidate = max(candidate.rpartition(" ")[0], candidate.rpartition("-")[0], key=len)
    return candidate


@lru_cache(maxsize=256)
def _shaped(shape: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + "".join(_SIGNS.get(sign, re.escape(sign)) for sign in shape) + r"(?!\w)")
