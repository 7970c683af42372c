"""The places of a team: every team within it, and every member, with their paths in the text."""

from collections.abc import Iterator
from typing import Any

from orchestration.values.violations import Path


def teams_within(team: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The team itself and every team written inside it, outermost first."""
    yield path, team
    for number, member in enumerate(team["members"]):
        if isinstance(member.get("team"), dict):
            yield from teams_within(member["team"], (*path, "members", number, "team"))


def agents_named(team: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every mention of an agent by its name, members first."""
    for path, inner in teams_within(team):
        for number, member in enumerate(inner["members"]):
            if "agent" in member:
                yield (*path, "members", number, "agent"), member["agent"]
        for key in ("join", "manager"):
            if key in inner:
                yield (*path, key), inner[key]
    for name, agent in team["agents"].items():
        for number, check in enumerate(agent.get("checks", [])):
            if "verifier" in check:
                yield ("agents", name, "checks", number, "verifier"), check["verifier"]
        if isinstance(agent.get("on_failure"), dict):
            yield ("agents", name, "on_failure", "substitute"), agent["on_failure"]["substitute"]


def slugs_named(team: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every mention of another team of the room."""
    for path, inner in teams_within(team):
        for number, member in enumerate(inner["members"]):
            if isinstance(member.get("team"), str):
                yield (*path, "members", number, "team"), member["team"]
