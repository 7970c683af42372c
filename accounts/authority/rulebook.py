"""Rules asked for every act: what is parsed once is kept, and what is not understood is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import cedarpy

from accounts.authority.labels import Clearance, Destination, Label
from accounts.authority.ruletexts import Rule, house_rules, read_rules, schema
from accounts.authority.targets import Outcome

Kind = Literal["read", "write", "send", "export"]


@dataclass(frozen=True, slots=True)
class Flow:
    """The facts of one act that rules judge. `label` None: unlabelled, which no rule lets through.

    `clearance` is the agent's, `sees` that of the person behind it (None: not limited).

    Where something is taken out before the data flows, `label` is that of the rest, `carries` that of all that is
    read, and `leaves` that of what would be left if only the fields were taken out; no rule sees these two.
    """

    kind: Kind
    tool: str
    agent: str
    person: str
    resource: str
    label: Label | None
    clearance: Clearance
    sees: Clearance | None = None
    purpose: str = ""
    named: bool = True
    untrusted: bool = False
    swayable: bool = False
    reachable: bool = True
    into: str = "restricted"
    to: Destination | None = None
    carries: Label | None = None
    leaves: Label | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules of one kind (the house's, or the room's own) say of an act."""

    outcome: Outcome
    reason: str
    rules: tuple[str, ...] = ()
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Parsed rules and the relations they may speak of; made once per state of a room, asked for every act."""

    policies: cedarpy.PolicySet
    rules: Mapping[str, Rule]
    entities: cedarpy.Entities


def rule_book(texts: Mapping[str, str], relations: Mapping[str, str]) -> RuleBook:
    """Parse the house's rules and `texts` ({slug: Cedar text}); `relations` is {person id: relation} of the room.

    Raises RuleProblem.
    """
    policies, rules = dict(house_rules()[0]), dict(house_rules()[1])
    for slug, text in texts.items():
        found, told = read_rules(slug, text)
        policies |= found
        rules |= told
    whole = json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
    people = [
        {
            "uid": {"type": "Person", "id": person},
            "attrs": {},
            "parents": [{"type": "Relation", "id": relation}],
        }
        for person, relation in relations.items()
    ]
    entities = cedarpy.Entities.from_json_str(json.dumps(people), schema())
    return RuleBook(cedarpy.PolicySet.from_json_str(whole), rules, entities)


def judge(book: RuleBook, flow: Flow) -> tuple[Ruling, Ruling]:
    """Return what the house's rules say of the data, and what the room's rules say; any error of one is a denial."""
    request = {
        "principal": {"type": "Agent", "id": flow.agent},
        "action": {"type": "Action", "id": flow.kind},
        "resource": {"type": "Resource", "id": flow.resource},
        "context": _facts(flow),
    }
    answer = cedarpy.is_authorized(request, book.policies, book.entities)
    if flow.label is None:
        refused = Ruling("deny", f"{flow.resource} has no label, so nothing may be done with it.", boundary="no label")
        return refused, refused
    if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
        refused = Ruling("deny", f"A rule could not be applied: {'; '.join(answer.diagnostics.errors)}")
        return refused, refused
    fired = [] if answer.allowed else [book.rules[name] for name in sorted(answer.diagnostics.reasons)]
    return _ruling([rule for rule in fired if rule.of_house], "The label of the data allows it."), _ruling(
        [rule for rule in fired if not rule.of_house], "No rule of the room or the organization is against it."
    )


def _ruling(fired: list[Rule], otherwise: str) -> Ruling:
    if not fired:
        return Ruling("permit", otherwise)
    first = next((rule for rule in fired if not rule.asks), fired[0])
    return Ruling("ask" if first.asks else "deny", first.reason, tuple(rule.name for rule in fired), first.boundary)


def _facts(flow: Flow) -> dict[str, Any]:
    label = flow.label
    facts: dict[str, Any] = {
        "tool": flow.tool,
        "person": {"__entity": {"type": "Person", "id": flow.person}},
        "purpose": flow.purpose,
        "clearance": Label(flow.clearance.level).rank,
        "cleared": sorted(flow.clearance.compartments),
        "sees": Label(flow.sees.level if flow.sees else "restricted").rank,
        "shown": sorted(flow.sees.compartments if flow.sees else label.compartments if label else ()),
        "named": flow.named,
        "untrusted": flow.untrusted,
        "swayable": flow.swayable,
        "reachable": flow.reachable,
        "into": Label(flow.into).rank,
    }
    if label is not None:
        facts |= {
            "level": label.rank,
            "tags": sorted(label.tags),
            "compartments": sorted(label.compartments),
            "bound": label.residency is not None,
            "residency": sorted(label.residency or ()),
            "purposes": [] if label.purposes is None else sorted(label.purposes) or ["(none)"],
        }
    if to := flow.to:
        facts["to"] = {
            "kind": to.kind,
            "name": to.name,
            "level": Label(to.level).rank,
            "places": sorted(to.places),
            "eligible": sorted(to.eligible),
        }
    return facts
