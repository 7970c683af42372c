"""What each agent of a team says in a rehearsal: its own script, or lines that fit its part and its contract."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from accounts.errors import Invalid
from orchestration.procedures.rehearsal import script_of
from orchestration.teams.places import teams_within
from orchestration.teams.plan import member_name
from orchestration.trials.passing import Rules, passing
from orchestration.trials.samples import WORD, sample
from orchestration.trials.standing_in import SCRIPTED, Definition, scripted
from orchestration.values.schemas import validate

Line = dict[str, Any]
YES: Line = {"approved": True, "reasons": []}


def rehearsed(definition: Definition) -> Definition:
    """Return the definition in which every agent says its part, without a model and without code.

    Raises Invalid for an agent whose contract no line was found for: it needs a script of its own.
    """
    changed, known = deepcopy(definition), dict[str, Any]()
    for name, entry in changed["agents"].items():
        if not script_of(entry.get("instructions", "")):
            lines = _lines(definition, name, known)
            entry["instructions"] = scripted(entry.get("instructions", ""), lines)
            known |= {**lines[-1], name: lines[-1]}
        entry["brain"] = SCRIPTED
    return changed


def given_to(definition: Definition) -> Line:
    """Return what a rehearsal is given: what those who begin ask for in their contracts."""
    agents = definition["agents"]
    wanted: Line = {}
    for name in _first(definition):
        schema = agents[name].get("input", {})
        wanted |= sample(schema) if schema.get("properties") or schema.get("required") else {}
    return wanted


def _first(team: Definition) -> Iterator[str]:
    places = team["members"][:1] if team["pattern"] in ("sequential", "handoff") else team["members"]
    for place in places:
        if "agent" in place:
            yield place["agent"]
        elif isinstance(place["team"], dict):
            yield from _first(place["team"])


def _lines(definition: Definition, name: str, known: Line) -> list[Line]:
    """Return what an agent says, asked once and again; `known` is what others said before, by agent and by field."""
    rules = _rules(definition, name, known)
    for _, team in teams_within(definition):
        if team.get("manager") == name:
            agent = definition["agents"][name]
            return _managing(team, agent, rules) if team["pattern"] == "manager" else _choosing(team)
    answer = passing(definition["agents"][name].get("output", {}), _answer(definition, name), rules)
    first = _handing(definition, name)
    return [first, answer] if first else [answer]


def _rules(definition: Definition, name: str, known: Line) -> Rules:
    """Return what the answer of an agent is held against, who is given what those before it said."""
    agent = definition["agents"][name]
    wanted = agent.get("input", {})
    asks = {*wanted.get("properties", {}), *wanted.get("required", [])}
    given = sample(wanted) if asks else {}
    given |= {key: value for key, value in known.items() if not asks or key in asks}
    checks = tuple(entry["rule"] for entry in agent.get("checks", []) if "rule" in entry)
    return Rules(name, given, checks, tuple(entry["when"] for entry in definition.get("exceptions", [])))


def _answer(definition: Definition, name: str) -> Line:
    schema = definition["agents"][name].get("output", {})
    said: Line = {"summary": f"{name} rehearsed its part."}
    found = sample(schema) if schema else {}
    if "summary" not in found or found["summary"] == WORD:
        found = {**found, **said} if _takes_more(schema) else found
    if _verifies(definition, name):
        found = {**found, **YES}
    if mistakes := validate(schema, found):
        told = f"No line was found that fits the contract of {name}. Write what it says under a line “Rehearsal:”."
        raise Invalid(told, [(f"agents.{name}", mistake) for mistake in mistakes])
    return found


def _takes_more(schema: Line) -> bool:
    return schema.get("additionalProperties", True) is not False or "summary" in schema.get("properties", {})


def _verifies(definition: Definition, name: str) -> bool:
    checks = (check for agent in definition["agents"].values() for check in agent.get("checks", []))
    return any(check.get("verifier") == name for check in checks)


def _names(team: Definition) -> list[str]:
    return [member_name(place, number) for number, place in enumerate(team["members"])]


def _choosing(team: Definition) -> list[Line]:
    turns = [{"next": name, "done": False, "because": "It is rehearsed."} for name in _names(team)]
    return [*turns, {"next": None, "done": True, "because": "Everybody had a turn."}]


def _managing(team: Definition, manager: Definition, rules: Rules) -> list[Line]:
    names = _names(team)
    tasks = [{"task": f"Rehearse the part of {name}", "agent": name} for name in names]
    given = [{"next": one["agent"], "done": False, "progress": True, "task": one["task"]} for one in tasks]
    done = {"next": None, "done": True, "progress": True, "task": ""}
    schema = manager.get("output", {})
    final = passing(schema, sample(schema) or {"summary": "The team rehearsed."}, rules) | {"references": []}
    return [{"tasks": tasks, "facts": []}, *given, done, final]


def _handing(definition: Definition, name: str) -> Line | None:
    """The first of those who hand on does so once, so that the way is seen."""
    for _, team in teams_within(definition):
        names = _names(team)
        if team["pattern"] != "handoff" or not names or names[0] != name:
            continue
        allowed = (team.get("handoffs") or {}).get(name, [other for other in names if other != name])
        to = next((other for other in allowed if other in definition["agents"] and other != name), None)
        if to is not None:
            wanted = definition["agents"][to].get("input", {})
            return {"handoff": {"to": to, "payload": sample(wanted) if wanted else {}}}
    return None
