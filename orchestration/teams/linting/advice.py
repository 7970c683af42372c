"""What works and could be better: nothing verified, agents without a limit, more agents than the work needs."""

from collections.abc import Iterator
from typing import Any

from orchestration.teams.forecast import worst_case
from orchestration.teams.linting.finding import Definition, Mistake
from orchestration.teams.places import teams_within
from orchestration.teams.plan import Limits


def advice(team: Definition) -> Iterator[Mistake]:
    """Warnings for a team without errors."""
    agents = team["agents"]
    if not any("output" in agent or agent.get("checks") for agent in agents.values()):
        yield _warning(("agents",), "Nothing that this team gives is verified.", "an output schema, or checks")
    yield from _worst_case(team)
    for path, inner in teams_within(team):
        if path and len(inner["members"]) == 1:
            yield _warning(path, "This team within the team has one member.", "the member itself: one would do")
        elif inner["pattern"] == "concurrent" and len(inner["members"]) == 1:
            yield _warning((*path, "pattern"), "One member works at the same time as nobody.", "pattern: sequential")
    if _one_would_do(team):
        yield _warning(("members",), "These agents differ in nothing but their instructions.", "one agent: it would do")
    tokens = team.get("limits", {}).get("tokens", Limits().tokens)
    for name, agent in agents.items():
        if "model" in agent["brain"] and "tokens" not in agent.get("limits", {}):
            message = f"{name} has no token limit of its own; the team's {tokens:,} tokens a run apply."
            yield _warning(("agents", name), message, "limits: {tokens: …}")


def _worst_case(team: Definition) -> Iterator[Mistake]:
    """What is stopped by a limit of the run when everything takes as long as it may."""
    limits, worst = Limits(**team.get("limits", {})), worst_case(team)
    for key, words in (("turns", "turns"), ("tokens", "tokens"), ("cost_cents", "cents")):
        most, allowed = getattr(worst, key), getattr(limits, key)
        if most is not None and most > allowed:
            message = f"At worst this takes {most:,} {words}, and the run is stopped at {allowed:,}."
            place = ("limits", key) if key in team.get("limits", {}) else ("limits",)
            yield _warning(place, message, f"{most:,} or more, or fewer rounds", f"limits: {{{key}: {most}}}")


def _one_would_do(team: Definition) -> bool:
    """All are models in a row with the same tools, and nothing between them is checked or given to people."""
    agents = list(team["agents"].values())
    in_a_row = all(inner["pattern"] == "sequential" for _, inner in teams_within(team))
    alike = len({str((agent["brain"], sorted(agent.get("tools", [])))) for agent in agents}) == 1
    unchecked = not any("output" in agent or agent.get("checks") for agent in agents) and not team.get("exceptions")
    return len(agents) > 1 and in_a_row and alike and unchecked and "model" in agents[0]["brain"]


def _warning(path: Any, message: str, expected: str, mend: str | None = None) -> Mistake:
    return Mistake(path, message, expected, "warning", mend)
