"""Rule sets as people write them: Cedar policies, checked against a schema before they count.

A rule set is a text of `forbid` policies, each with `@reason("…")`; `@ask` makes it a question to people instead of a
refusal; `@boundary("…")` names what is crossed. The house's own rules are always in force.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cedarpy

SHIPPED = ("gdpr", "hipaa", "classification")
HOUSE = "house"
MOST_RULES = 200
LONGEST_TEXT = 60_000
_FOLDER = Path(__file__).parent / "rules"


class RuleProblem(ValueError):
    """A rule set cannot be used; the text says which rule and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy as people read it; `name` is set/rule, `boundary` what it guards."""

    name: str
    reason: str
    boundary: str
    asks: bool
    of_house: bool


def shipped_text(name: str) -> str:
    """Return the text of a rule set that ships with the product."""
    return (_FOLDER / f"{name}.cedar").read_text()


@cache
def schema() -> cedarpy.Schema:
    """Return what rules can speak of."""
    return cedarpy.Schema.from_str((_FOLDER / "schema.cedarschema").read_text())


@cache
def house_rules() -> tuple[dict[str, Any], dict[str, Rule]]:
    """Return the rules that are always in force."""
    return read_rules(HOUSE, shipped_text(HOUSE), of_house=True)


def read_rules(slug: str, text: str, of_house: bool = False) -> tuple[dict[str, Any], dict[str, Rule]]:
    """Return the policies of a checked text under their names, and what people read of each. Raises RuleProblem."""
    if len(text) > LONGEST_TEXT:
        raise RuleProblem(f"{slug}: a rule set has at most {LONGEST_TEXT} characters")
    checked = cedarpy.validate_policies(text, schema())
    if not checked:
        raise RuleProblem(f"{slug}: {checked.errors[0].error}")
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed["templates"] or len(parsed["staticPolicies"]) > MOST_RULES:
        raise RuleProblem(f"{slug}: a rule set has at most {MOST_RULES} policies and no templates")
    policies, rules = {}, {}
    for number, policy in enumerate(parsed["staticPolicies"].values(), start=1):
        said = policy.get("annotations", {})
        name = f"{slug}/{said.get('id') or number}"
        if name in policies:
            raise RuleProblem(f"{slug}: two rules are called {said['id']}")
        if not of_house and policy["effect"] != "forbid":
            raise RuleProblem(f"{name}: a rule can only forbid, or with @ask ask; what is allowed is granted elsewhere")
        if not of_house and not said.get("reason"):
            raise RuleProblem(f'{name}: a rule needs @reason("a sentence that a person reads")')
        policies[name] = policy
        boundary = said.get("boundary") or f"rule {name}"
        rules[name] = Rule(name, said.get("reason") or "", boundary, "ask" in said, of_house)
    return policies, rules
