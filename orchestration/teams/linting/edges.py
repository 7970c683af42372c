"""Whether what one member gives fits what the next one takes, along every edge that the text alone shows."""

from collections.abc import Iterator
from typing import Any

from orchestration.teams.linting.finding import Definition, Mistake
from orchestration.teams.plan import member_name
from orchestration.values.violations import Path

Schema = dict[str, Any]
Given = list[tuple[str, Schema]]
TALK: Schema = {
    "properties": {"request": {"type": "object"}, "said": {"type": "array"}, "round": {"type": "integer"}},
    "additionalProperties": False,
}
TASK: Schema = {
    "properties": {"task": {"type": "string"}, "request": {"type": "object"}},
    "additionalProperties": False,
}


def edges(team: Definition) -> Iterator[Mistake]:
    """Every mismatch between a giver's output schema and a receiver's input schema. No schema, no mismatch."""
    yield from _team(team, (), [], team["agents"])


def _team(inner: Definition, path: Path, given: Given, agents: dict[str, Any]) -> Iterator[Mistake]:
    handed: dict[str, Given] = {
        "group_chat": [("The conversation", TALK)],
        "manager": [("The manager", TASK)],
    }  # fmt: skip
    took = handed.get(inner["pattern"], given)
    for number, member in enumerate(inner["members"]):
        at = (*path, "members", number)
        yield from _member(member, at, took if inner["pattern"] != "handoff" or number == 0 else [], agents)
        if inner["pattern"] == "sequential":
            took = _gives(member, agents)
    if "join" in inner:
        names = [member_name(member, number) for number, member in enumerate(inner["members"])]
        joined: Schema = {"properties": {name: {"type": "object"} for name in names}, "additionalProperties": False}
        yield from _fits(inner["join"], (*path, "join"), [("The team", joined)], agents)


def _member(member: Definition, path: Path, given: Given, agents: dict[str, Any]) -> Iterator[Mistake]:
    if isinstance(member.get("team"), dict):
        yield from _team(member["team"], (*path, "team"), given, agents)
    elif "agent" in member:
        yield from _fits(member["agent"], (*path, "agent"), given, agents)


def _gives(member: Definition, agents: dict[str, Any]) -> Given:
    """Who may give a member's result, with the schema of each; [] where the text does not say."""
    if "agent" in member:
        agent = agents.get(member["agent"], {})
        substitute = agent["on_failure"]["substitute"] if isinstance(agent.get("on_failure"), dict) else None
        named = [member["agent"], *([substitute] if substitute else [])]
        return [(name, agents.get(name, {}).get("output", {})) for name in named]
    inner = member["team"]
    if not isinstance(inner, dict):
        return []
    if inner["pattern"] == "sequential":
        return _gives(inner["members"][-1], agents)
    if inner["pattern"] == "concurrent" and "join" in inner:
        return _gives({"agent": inner["join"]}, agents)
    return []


def _fits(name: str, path: Path, given: Given, agents: dict[str, Any]) -> Iterator[Mistake]:
    wanted = agents.get(name, {}).get("input", {})
    fields = wanted.get("properties") if isinstance(wanted.get("properties"), dict) else {}
    for giver, schema in given:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            continue
        closed = schema.get("additionalProperties") is False
        for field in wanted.get("required", []):
            if field not in properties:
                message = f"{name} needs {field}, which {giver} does not give."
                expected = f"{field} in the output of {giver}, or not required by {name}"
                yield Mistake(path, message, expected, "error" if closed else "warning")
        for field in set(fields) & set(properties):
            mine, theirs = _kinds(fields[field]), _kinds(properties[field])
            if mine and theirs and not mine & theirs:
                message = (
                    f"{name} takes {field} as {' or '.join(sorted(mine))}; {giver} gives {' or '.join(sorted(theirs))}."
                )
                yield Mistake(path, message, "the same type on both sides")


def _kinds(schema: Any) -> set[str]:
    """The types a schema names; a number may be an integer."""
    said = schema.get("type", []) if isinstance(schema, dict) else []
    kinds = {said} if isinstance(said, str) else set(said)
    return kinds | {"integer"} if "number" in kinds else kinds
