"""A team in one sentence, for people who do not see its picture."""

from collections.abc import Mapping
from typing import Any

from orchestration.teams.plan import member_name

States = Mapping[str, Mapping[str, Any]]
WORDS = {"finished": "done", "claimed": "working", "running": "working", "waiting": "waits for a person"}


def spoken(name: str) -> str:
    """A name as people read it: `claims_intake` is Claims intake."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def tell(definition: dict[str, Any], states: States | None = None) -> str:
    """Who works when, and with `states` (as for `draw`) how far each is."""
    sentence = _tell(definition, states, "")
    people = sorted({entry.get("ask", {}).get("relation", "approver") for entry in definition.get("exceptions", [])})
    return f"{sentence}; people are asked if needed: {', '.join(people)}" if people else sentence


def _tell(team: dict[str, Any], states: States | None, prefix: str) -> str:
    parts = [_member(member, number, states, prefix) for number, member in enumerate(team["members"])]
    pattern, others = team["pattern"], " or ".join(parts[1:])
    lead = _named(team["manager"], f"{prefix}manager", states) if "manager" in team else ""
    if pattern == "handoff":
        return f"{parts[0]}, who may hand on to {others}" if others else parts[0]
    if pattern == "manager":
        return f"{lead} plans and gives work to {' and '.join(parts)}"
    if pattern == "group_chat":
        return f"{' and '.join(parts)} in turn" if not lead else f"{' and '.join(parts)}, as {lead} chooses"
    if pattern == "sequential":
        return ", then ".join(parts)
    together = " and ".join(parts) + (" at once" if len(parts) > 1 else "")
    return f"{together}, joined by {_named(team['join'], f'{prefix}join', states)}" if "join" in team else together


def _member(member: dict[str, Any], number: int, states: States | None, prefix: str) -> str:
    key = f"{prefix}{number}"
    if isinstance(member.get("team"), dict):
        return _tell(member["team"], states, f"{key}.")
    return _named(member_name(member, number), key, states)


def _named(name: str, key: str, states: States | None) -> str:
    if states is None:
        return spoken(name)
    state = str(states.get(key, {}).get("state", "not yet"))
    return f"{spoken(name)} ({WORDS.get(state, state)})"
