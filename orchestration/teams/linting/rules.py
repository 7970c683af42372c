"""Whether rules, contracts, deadlines and limits of a team can be kept."""

import re
from collections.abc import Iterator
from typing import Any

from orchestration.teams.deadlines import EXPECTED, parse_within
from orchestration.teams.linting.finding import Definition, Mistake, unknown
from orchestration.teams.marks import marks_of
from orchestration.teams.places import teams_within
from orchestration.teams.plan import Limits
from orchestration.values import rules as cel
from orchestration.values.schemas import schema_mistakes
from orchestration.values.violations import Path, written

AGENT_IN_RULE = re.compile(r"\bagent\s*==\s*(?:'([^']*)'|\"([^\"]*)\")")
FIELD_IN_RULE = re.compile(r"\boutput\.([A-Za-z_]\w*)")
MONEY = "_cents"


def rules(team: Definition) -> Iterator[Mistake]:
    """Every mistake about what is checked, asked and limited."""
    for name, agent in team["agents"].items():
        yield from _agent(name, agent)
    yield from _exceptions(team)
    yield from _limits(team)


def _marks(schema: dict[str, Any], path: Path) -> Iterator[Mistake]:
    try:
        marks_of(schema)
    except ValueError as problem:
        message = f"A field is marked with what is no label. {problem}."
        yield Mistake(path, message, "label: a level, or a label with level, tags, residency and purposes")


def _agent(name: str, agent: dict[str, Any]) -> Iterator[Mistake]:
    for key in ("input", "output"):
        schema, path = agent.get(key, {}), ("agents", name, key)
        mistakes = schema_mistakes(schema)
        for mistake in mistakes:
            said = f"{written(mistake.path)} {mistake.message}".strip()
            yield Mistake((*path, *mistake.path), f"This {key} schema: {said}.", mistake.expected)
        if not mistakes:
            yield from _money(schema, path)
            yield from _marks(schema, path)
    for number, check in enumerate(agent.get("checks", [])):
        if "rule" in check:
            yield from _rule(check["rule"], ("agents", name, "checks", number, "rule"), agent)
        if check.get("verifier") == name:
            message = f"{name} would verify what it wrote itself."
            yield Mistake(("agents", name, "checks", number, "verifier"), message, "another agent")
    on_failure = agent.get("on_failure")
    if isinstance(on_failure, dict) and on_failure["substitute"] == name:
        yield Mistake(("agents", name, "on_failure", "substitute"), f"{name} would replace itself.", "another agent")


def _rule(rule: str, path: Path, agent: dict[str, Any] | None) -> Iterator[Mistake]:
    for problem in cel.mistakes(rule):
        yield Mistake(path, f"This rule cannot be worked out: {problem}.", "CEL over agent, input and output")
    fields = (agent or {}).get("output", {}).get("properties")
    if isinstance(fields, dict) and fields:
        for field in sorted(set(FIELD_IN_RULE.findall(rule)) - set(fields)):
            mistake = unknown(path, "field of this output", field, fields)
            yield Mistake(path, mistake.message, mistake.expected, "warning", mistake.mend)


def _money(schema: Any, path: Path) -> Iterator[Mistake]:
    """Money is counted in integers, wherever a schema has a field called …_cents."""
    entries = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, value in entries:
        if path[-1] == "properties" and str(key).endswith(MONEY) and not _is_whole(value):
            message = f"{key} is money, which is an integer number of cents."
            yield Mistake((*path, key), message, 'type: integer, or [integer, "null"]')
        yield from _money(value, (*path, key))


def _is_whole(schema: Any) -> bool:
    kinds = schema.get("type", "integer") if isinstance(schema, dict) else "integer"
    return set([kinds] if isinstance(kinds, str) else kinds) <= {"integer", "null"}


def _exceptions(team: Definition) -> Iterator[Mistake]:
    seen: set[str] = set()
    for number, exception in enumerate(team.get("exceptions", [])):
        path: Path = ("exceptions", number)
        if exception["name"] in seen:
            yield Mistake((*path, "name"), f"Two exceptions are called {exception['name']}.", "each name once")
        seen.add(exception["name"])
        named = [single or double for single, double in AGENT_IN_RULE.findall(exception["when"])]
        for name in named:
            if name not in team["agents"]:
                yield unknown((*path, "when"), "agent", name, team["agents"])
        agent = team["agents"].get(named[0]) if len(named) == 1 else None
        yield from _rule(exception["when"], (*path, "when"), agent)
        yield from _within(exception.get("ask", {}).get("within"), (*path, "ask", "within"))


def _within(text: str | None, path: Path) -> Iterator[Mistake]:
    try:
        parse_within(text or "2d")
    except ValueError:
        yield Mistake(path, f"{text} is no time to decide in.", EXPECTED)


def _limits(team: Definition) -> Iterator[Mistake]:
    limits = team.get("limits", {})
    turns = limits.get("turns", Limits().turns)
    steps = sum(len(inner["members"]) + ("join" in inner) + ("manager" in inner) for _, inner in teams_within(team))
    if turns < steps:
        message = f"The team takes {steps} turns, the teams within it included, and may take {turns}."
        yield Mistake(("limits", "turns"), message, f"{steps} or more")
    for name, agent in team["agents"].items():
        for key, own in agent.get("limits", {}).items():
            whole = limits.get(key, getattr(Limits(), key))
            if own > whole:
                message = f"{name} may use more {key} than its whole team ({whole:,})."
                yield Mistake(("agents", name, "limits", key), message, f"{whole:,} or less", severity="warning")
