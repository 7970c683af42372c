"""What the schema knows and this version does not do yet. What would be silently ignored, and matter, is an error."""

from collections.abc import Iterator

from orchestration.teams.linting.finding import Definition, Mistake


def availability(team: Definition) -> Iterator[Mistake]:
    """Everything in a team that is not available yet."""
    for name, agent in team["agents"].items():
        if "remote" in agent["brain"]:
            path = ("agents", name, "brain", "remote")
            yield Mistake(path, "A remote brain is not available yet.", "procedure: … or model: …")
