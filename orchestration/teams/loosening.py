"""What a new version of a team allows that the one in force did not: one sentence each, for whoever has to agree."""

from collections.abc import Iterator
from typing import Any

from accounts.authority.labels import LEVELS, Clearance
from orchestration.teams.plan import Limits

Definition = dict[str, Any]


def loosened(before: Definition, after: Definition) -> list[str]:
    """Return what `after` loosens of exceptions, checks, tools, clearance and limits; empty when nothing."""
    return [*_agents(before["agents"], after["agents"]), *_exceptions(before, after), *_limits(before, after)]


def reaching(before: Definition, after: Definition) -> list[str]:
    """Return what agents of `after` could reach that those of `before` could not: tools and clearance."""
    agents = before["agents"]
    checked = {name: entry.get("checks", []) for name, entry in agents.items()}
    now = {name: {**entry, "checks": checked.get(name, [])} for name, entry in after["agents"].items()}
    return list(_agents(agents, now))


def _agents(before: Definition, after: Definition) -> Iterator[str]:
    for name, agent in after.items():
        old = before.get(name, {})
        yield from (
            f"{name} may also use {tool}." for tool in agent.get("tools", []) if tool not in old.get("tools", [])
        )
        if name in before:
            gone = [check for check in old.get("checks", []) if check not in agent.get("checks", [])]
            yield from (f"{name} is no longer checked by {next(iter(check.values()))}." for check in gone)
        if _clearance(agent) > _clearance(old):
            yield f"{name} is cleared for more."


def _clearance(agent: Definition) -> int:
    return LEVELS.index(agent.get("clearance", Clearance().level))


def _exceptions(before: Definition, after: Definition) -> Iterator[str]:
    kept = {rule["name"]: rule for rule in after.get("exceptions", [])}
    for rule in before.get("exceptions", []):
        name, now = rule["name"], kept.get(rule["name"])
        if now is None:
            yield f"The exception {name} is gone."
            continue
        if now["when"] != rule["when"]:
            yield f"The exception {name} asks people at other times."
        was, ask = rule.get("ask", {}), now.get("ask", {})
        if ask.get("quorum", 1) < was.get("quorum", 1):
            yield f"The exception {name} needs fewer people."
        if was.get("not_requester") and not ask.get("not_requester"):
            yield f"The exception {name} may be decided by who asked."
        if ask.get("relation", "approver") != was.get("relation", "approver"):
            yield f"The exception {name} is decided by others."


def _limits(before: Definition, after: Definition) -> Iterator[str]:
    default, was, now = Limits(), before.get("limits", {}), after.get("limits", {})
    for name in Limits.__slots__:
        if now.get(name, getattr(default, name)) > was.get(name, getattr(default, name)):
            yield f"The limit of {name.replace('_', ' ')} is higher."
    if after.get("on_limit") == "ask" != before.get("on_limit"):
        yield "People may give a run more than its limits."
