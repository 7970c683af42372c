"""The linter: everything that is wrong with a team's text, by line, before it is ever published."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from orchestration.teams.linting.advice import advice
from orchestration.teams.linting.availability import availability
from orchestration.teams.linting.edges import edges
from orchestration.teams.linting.finding import Definition, Finding, Mistake, Surroundings, did_you_mean
from orchestration.teams.linting.names import names
from orchestration.teams.linting.patterns import patterns
from orchestration.teams.linting.rules import rules
from orchestration.teams.loading import Loaded, Media, Unreadable, load
from orchestration.teams.schema import TEAM
from orchestration.values.schemas import violations
from orchestration.values.violations import Violation, written

__all__ = ["Finding", "has_errors", "lint"]


def lint(
    text: str,
    *,
    tools: Collection[str],
    procedures: Collection[str],
    endpoints: Collection[str],
    sources: Mapping[str, Collection[str]],
    teams: Mapping[str, Definition],
    slug: str,
    media: Media = "yaml",
) -> list[Finding]:
    """Everything worth saying about a team's text, by line. Never raises; a text without errors can be planned.

    `sources` has the columns of each; `teams` the definitions of the other teams of the room, and `slug` is this one's.
    """
    try:
        loaded = load(text, media)
    except Unreadable as error:
        return [Finding(error.line, "", error.message, error.expected)]
    here = Surroundings(tools, procedures, endpoints, sources, teams, slug)
    found = _located(_mistakes(loaded.data, here), loaded)
    return sorted(found, key=lambda finding: (finding.line, finding.severity, finding.path, finding.message))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether a team with these findings must not be published."""
    return any(finding.severity == "error" for finding in findings)


def _mistakes(team: Definition, here: Surroundings) -> list[Mistake]:
    if shape := violations(TEAM, team):
        return [_of_shape(violation) for violation in shape]
    found = [*names(team, here), *patterns(team), *rules(team), *availability(team)]
    if any(mistake.severity == "error" for mistake in found):
        return found
    return [*found, *edges(team), *advice(team)]


def _of_shape(violation: Violation) -> Mistake:
    choices = violation.expected.removeprefix("one of ").split(", ")
    said = str(violation.path[-1]) if "key" in violation.message else violation.message.removeprefix("is ").strip('"')
    mend = did_you_mean(said, choices) if violation.expected.startswith("one of ") else None
    subject = written(violation.path) or "The team"
    return Mistake(violation.path, f"{subject} {violation.message}.", violation.expected, mend=mend)


def _located(mistakes: Iterable[Mistake], loaded: Loaded) -> Iterator[Finding]:
    for mistake in mistakes:
        yield Finding(
            loaded.line(mistake.path),
            written(mistake.path),
            mistake.message,
            mistake.expected,
            mistake.severity,
            mistake.mend,
        )
