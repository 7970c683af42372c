"""What a form says of a decision: presets of reasons, and edits as text that become the values of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from accounts.errors import Invalid
from orchestration.models import Approval
from orchestration.standing import agent_plan

REASONS = (
    "The evidence does not carry the amount",
    "The policy does not cover this",
    "Papers are missing",
    "It looks like fraud",
)
USUAL = ("payout_cents", "payee", "decision")
MOST_FIELDS = 6
LONGEST = 300
MARKS = str.maketrans({",": "", " ": "", "$": "", "€": "", "£": "", "−": "-"})


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the answer that may be edited; `value` of money is in cents."""

    name: str
    label: str
    value: Any
    kind: Literal["money", "number", "text", "choice"]
    options: list[str] = field(default_factory=list)


def fields_of(approval: Approval) -> list[Field]:
    """Return what a person may edit of the answer in question: amount, payee and decision, or else its plain values."""
    output = approval.action.get("output")
    if not isinstance(output, dict):
        return []
    properties = agent_plan(approval.run, approval.turn.agent).output_schema.get("properties", {})
    names = [name for name in USUAL if name in output] or [name for name in output if name != "summary"]
    found = [made for name in names if (made := _field(name, output[name], properties.get(name, {}))) is not None]
    return found[:MOST_FIELDS]


def _field(name: str, value: Any, schema: Any) -> Field | None:
    label = name.removesuffix("_cents").replace("_", " ").capitalize()
    options = schema.get("enum") if isinstance(schema, dict) else None
    if options and all(isinstance(option, str) for option in options):
        return Field(name, label, value, "choice", list(options))
    if isinstance(value, int) and not isinstance(value, bool):
        return Field(name, label, value, "money" if name.endswith("_cents") else "number")
    return Field(name, label, value, "text") if isinstance(value, str) and len(value) <= LONGEST else None


def read_edits(approval: Approval, posted: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of `edits.NAME` fields as the answer has them; raises Invalid for what is no amount."""
    edits: dict[str, Any] = {}
    for each in fields_of(approval):
        text = posted.get(f"edits.{each.name}")
        if text is not None:
            edits[each.name] = _value(each, text.strip())
    return edits


def _value(each: Field, text: str) -> Any:
    if each.kind in ("choice", "text"):
        return text
    try:
        number = Decimal(text.translate(MARKS)) * (100 if each.kind == "money" else 1)
        if number == number.to_integral_value() and abs(number) < 2**53:
            return int(number)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    expected = "an amount such as 12,480.50" if each.kind == "money" else "a whole number"
    raise Invalid(
        f"{each.label} cannot be read.", [(f"edits.{each.name}", f"expected {expected}, found {text[:40]!r}")]
    )


def reason_of(posted: Mapping[str, str]) -> str:
    """Return the reason: the preset that was chosen, and what was written besides."""
    preset, words = posted.get("preset", "").strip()[:200], posted.get("reason", "").strip()[:2000]
    return f"{preset}: {words}" if preset and words else preset or words
