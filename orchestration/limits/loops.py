"""Loops that can be seen without a model: the same again and again, back and forth, the same with more around it.

Pure: what was done goes in, what was seen comes out, in words for people. `repeats` is how often is too often.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

LETTERS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Taken:
    """One answered turn: who took it, what came out, and to whom it was handed ("" if to nobody)."""

    agent: str
    output: Mapping[str, Any] = field(default_factory=dict)
    handed_to: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """One finished call of a tool: `digest` stands for tool and arguments, `outcome` for its result or error."""

    digest: str
    outcome: str


def same_call(calls: Sequence[Called], digest: str, repeats: int) -> bool:
    """Whether a call about to be made was made `repeats` times before and gave the same each time.

    Asking again until the answer changes (waiting for something) is no loop, and neither are the same words with other
    arguments.
    """
    same = [call.outcome for call in calls if call.digest == digest][-repeats:]
    return len(same) == repeats and len(set(same)) == 1


def find_loop(taken: Sequence[Taken], repeats: int) -> str:
    """What goes round in circles at the end of a run, as a sentence; "" when nothing does."""
    return _there_and_back(taken, repeats) or _same_output(taken, repeats) or _growing(taken, repeats)


def _there_and_back(taken: Sequence[Taken], repeats: int) -> str:
    """A → B → A …: how often in a row, at the end, work came back to who had it two hands before."""
    handed = [one for one in taken if one.handed_to]
    if not handed or handed[-1] is not taken[-1]:
        return ""
    way = [handed[0].agent, *(one.handed_to for one in handed)]
    back = 0
    while len(way) > back + 2 and way[-1 - back] == way[-3 - back]:
        back += 1
    if back < repeats:
        return ""
    return f"{way[-2]} and {way[-1]} handed this back and forth {back} times."


def _same_output(taken: Sequence[Taken], repeats: int) -> str:
    mine = _of_last(taken)
    same = [bare(output) for output in mine[-repeats:]]
    if len(same) < repeats or len(set(same)) > 1:
        return ""
    return f"{taken[-1].agent} said the same {repeats} times in a row."


def _growing(taken: Sequence[Taken], repeats: int) -> str:
    """Each output holds the whole one before it and more, `repeats` times: it is only ever added to."""
    mine = [bare(output) for output in _of_last(taken)[-repeats - 1 :]]
    pairs = list(pairwise(mine))
    if len(pairs) < repeats or not all(before and before in later and before != later for before, later in pairs):
        return ""
    return f"What {taken[-1].agent} says only grows: {repeats} times in a row all of it came again with more."


def _of_last(taken: Sequence[Taken]) -> list[Mapping[str, Any]]:
    return [one.output for one in taken if one.agent == taken[-1].agent] if taken else []


def bare(value: Any) -> str:
    """What a value says, without keys, punctuation and letter case: another exclamation mark is nothing new."""
    if isinstance(value, Mapping):
        return " ".join(filter(None, (bare(one) for one in value.values())))
    if isinstance(value, list):
        return " ".join(filter(None, (bare(one) for one in value)))
    return LETTERS.sub(" ", str(value).casefold()).strip()
