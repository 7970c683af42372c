"""Where the targets of a write come from: the person's own words, relations of the room, or an approval.

A tool being allowed says nothing about whom it may reach. So each value that a write names is a `Use`, and each use is
traced to its origin: what the person wrote (the goal), a record that the house itself keeps, or content that was read.
What content from outside names is never enough; docs/authority.md tells the rules in words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from accounts.authority.task import Record, Span, Task, Use
from accounts.authority.words import amounts_in, days_in, plain, stands_in, templates_in

Outcome = Literal["permit", "deny", "ask"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one use: may it be, by which origin, in a sentence; `span` shows untrusted content."""

    use: Use
    outcome: Outcome
    reason: str
    span: Span | None = None


def trace(uses: Iterable[Use], task: Task) -> tuple[Finding, ...]:
    """Trace every value of a write to its origin; the write is what its strictest finding is."""
    listed = tuple(uses)
    targets = tuple(use.value for use in listed if use.role == "target")
    return tuple(_find(use, task, targets) for use in listed)


def strictest(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that decides: a denial before a question before a permission; None of nothing."""
    order = {"deny": 0, "ask": 1, "permit": 2}
    return min(findings, key=lambda finding: order[finding.outcome], default=None)


def _find(use: Use, task: Task, targets: tuple[str, ...]) -> Finding:
    if (use.slot, use.value) in task.approved:
        return Finding(use, "permit", f"{use.value} was approved for this run.")
    match use.role:
        case "target":
            return _target(use, task)
        case "amount":
            return _amount(use, task, targets)
        case "day":
            return _day(use, task)
        case "text":
            return _text(use, task, targets)


def _target(use: Use, task: Task) -> Finding:
    if stands_in(use.value, task.words):
        return Finding(use, "permit", f"{use.value} stands in the person's own words.")
    if _is_filled_template(use.value, task):
        return Finding(use, "permit", f"{use.value} is the text the person gave, filled in from the records.")
    known = [
        one for one in task.records if one.kinds & use.kinds and (use.value in one.values or use.value in one.names)
    ]
    if record := next((record for record in known if record in task.named), None):
        return Finding(use, "permit", f"{use.value} belongs to {_called(record)}, which the person named.")
    for passage in task.handed:
        handed = stands_in(use.value, passage.text) or any(record.is_named_in(passage.text) for record in known)
        if handed:
            reason = f"{use.value} is named only by {passage.source}, which the person handed over."
            return Finding(use, "ask", reason, task.span_of(use.value))
    called_for = any(record.kinds & use.kinds for record in task.named)
    if known and called_for:
        return Finding(use, "ask", f"{use.value} is known as {_called(known[0])}, but the person did not name it.")
    if span := task.span_of(use.value):
        reason = f"{use.value} comes only from {span.source}, which the person did not hand over."
        return Finding(use, "deny", reason, span)
    return Finding(use, "deny", f"Neither the person's words nor a relation of the room lead to {use.value}.")


def _amount(use: Use, task: Task, targets: tuple[str, ...]) -> Finding:
    amount = Decimal(use.value)
    related = [sum_ for record in task.records if any(map(record.is_about, targets)) for sum_ in record.amounts]
    limit = max([*amounts_in(task.words), *related], default=Decimal(0))
    if 0 < amount <= limit:
        return Finding(
            use, "permit", f"{amount} is within {limit}, which the person or an earlier dealing with them set."
        )
    reason = f"{amount} is above {limit}, the most that the person's words or earlier dealings lead to."
    return Finding(use, "ask", reason, task.span_of(use.value))


def _day(use: Use, task: Task) -> Finding:
    fixed = days_in(task.words)
    if not fixed or any(day.is_day(date.fromisoformat(use.value[:10])) for day in fixed):
        return Finding(
            use, "permit", "The person left the day open." if not fixed else f"The person named {use.value}."
        )
    return Finding(use, "ask", f"{use.value} is not a day that the person named.", task.span_of(use.value))


def _text(use: Use, task: Task, targets: tuple[str, ...]) -> Finding:
    if not task.has_read_private or stands_in(use.value, task.words) or _is_filled_template(use.value, task):
        return Finding(use, "permit", "The text carries nothing that is not for others.")
    private = ", ".join(sorted({passage.source for passage in task.passages if passage.private}))
    return Finding(use, "ask", f"The run has read {private}; its text could tell that to {', '.join(targets)}.")


def _is_filled_template(value: str, task: Task) -> bool:
    """True when `value` is a text that the person quoted, its {placeholders} filled with what records hold."""
    held = {plain(text) for record in task.records for text in (*record.names, *record.values)}
    found = (template.fullmatch(plain(value)) for template in templates_in(task.words))
    return any(match is not None and all(part in held for part in match.groups()) for match in found)


def _called(record: Record) -> str:
    return next(iter(record.names), "a record of the room")
