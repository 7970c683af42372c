"""Whether every name in a team stands for something, and stands there once."""

from collections.abc import Iterator
from typing import Any

from orchestration.teams.grants import Grant, NotAGrant, parse_grant
from orchestration.teams.linting.finding import Definition, Mistake, Surroundings, unknown
from orchestration.teams.places import agents_named, slugs_named, teams_within
from orchestration.teams.plan import Limits, member_name
from orchestration.values.violations import Path

QUERY = "sources.query"


def names(team: Definition, here: Surroundings) -> Iterator[Mistake]:
    """Every mistake about a name."""
    yield from _agents(team)
    for path, inner in teams_within(team):
        yield from _places(inner, path)
    yield from _nesting(team, here)
    for name, agent in team["agents"].items():
        yield from _brain(agent["brain"], ("agents", name, "brain"), here)
        tools = agent.get("tools", [])
        for number, text in enumerate(tools):
            yield from _tool(text, ("agents", name, "tools", number), here)
            if _reach(text) in map(_reach, tools[:number]):
                message = f"{_reach(text)} is granted twice."
                yield Mistake(("agents", name, "tools", number), message, "one line, with all columns that are needed")


def _agents(team: Definition) -> Iterator[Mistake]:
    used = {name: path for path, name in reversed(list(agents_named(team)))}
    for name, path in used.items():
        if name not in team["agents"]:
            yield unknown(path, "agent", name, team["agents"])
    for name in team["agents"]:
        if name not in used:
            message = f"{name} has no place in the team."
            yield Mistake(("agents", name), message, "a member or joiner of this name", severity="warning")


def _places(inner: Definition, path: Path) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for number, member in enumerate(inner["members"]):
        name = member_name(member, number)
        if name in seen:
            at = (*path, "members", number)
            yield Mistake(
                at, f"{name} is in this team twice.", "each name once; a team within may have a name: of its own"
            )
        seen[name] = number
    if "join" not in inner:
        return
    if inner["pattern"] != "concurrent":
        message = f"A {inner['pattern']} team has nothing to join."
        yield Mistake((*path, "join"), message, "join only with pattern: concurrent")
    if inner["join"] in seen:
        message = f"{inner['join']} would join its own result."
        yield Mistake((*path, "join"), message, "an agent that is no member of this team")


def _nesting(team: Definition, here: Surroundings) -> Iterator[Mistake]:
    most = team.get("limits", {}).get("depth", Limits().depth)
    for path, slug in slugs_named(team):
        if slug not in here.teams and slug != here.slug:
            yield unknown(path, "team", slug, set(here.teams) - {here.slug})
        elif circle := _circle(slug, (here.slug,), here, set()):
            message = f"The teams turn in a circle: {' → '.join(circle)}."
            yield Mistake(path, message, "a team that does not lead back here")
        elif (deep := _inside(path) + _depth(slug, here, {})) > most:
            yield Mistake(path, f"This makes {deep} levels of teams.", f"at most {most}, as limits.depth says")
    for path, _ in teams_within(team):
        if _inside(path) > most:
            yield Mistake(path, f"This makes {_inside(path)} levels of teams.", f"at most {most}, as limits.depth says")


def _circle(slug: str, way: tuple[str, ...], here: Surroundings, harmless: set[str]) -> tuple[str, ...]:
    """The way from the first team back to one that is already on it, or (); `harmless` leads into no circle."""
    if slug in way:
        return (*way, slug)
    if slug in harmless or slug not in here.teams:
        return ()
    for _, name in slugs_named(here.teams[slug]):
        if circle := _circle(name, (*way, slug), here, harmless):
            return circle
    harmless.add(slug)
    return ()


def _inside(path: Path) -> int:
    """How many teams stand around a path, the outermost included, and at it."""
    return 1 + path.count("team")


def _depth(slug: str, here: Surroundings, known: dict[str, int]) -> int:
    """Levels of teams that a team of the room adds to the level it is named on; there must be no circle."""
    if slug not in here.teams:
        return 0
    if slug not in known:
        team = here.teams[slug]
        inner = [path.count("team") for path, _ in teams_within(team)]
        named = [path.count("team") + _depth(name, here, known) for path, name in slugs_named(team)]
        known[slug] = max(inner + named)
    return known[slug]


def _brain(brain: dict[str, Any], path: Path, here: Surroundings) -> Iterator[Mistake]:
    if "procedure" in brain and brain["procedure"] not in here.procedures:
        yield unknown((*path, "procedure"), "procedure", brain["procedure"], here.procedures)
    endpoint = brain.get("model", {}).get("endpoint")
    if endpoint is not None and endpoint not in here.endpoints:
        yield unknown((*path, "model", "endpoint"), "endpoint", endpoint, here.endpoints)


def _reach(text: str) -> str:
    """A grant without its columns."""
    return text.partition("(")[0].strip()


def _tool(text: str, path: Path, here: Surroundings) -> Iterator[Mistake]:
    try:
        grant = parse_grant(text)
    except NotAGrant as error:
        yield Mistake(path, f"{text} is no tool.", str(error).removeprefix("expected "))
        return
    if grant.tool not in here.tools:
        yield unknown(path, "tool", grant.tool, here.tools)
    elif grant.tool != QUERY and grant.target is not None:
        yield Mistake(path, f"{grant.tool} cannot be narrowed.", f"{grant.tool} alone")
    elif grant.tool == QUERY:
        yield from _source(grant, path, here)


def _source(grant: Grant, path: Path, here: Surroundings) -> Iterator[Mistake]:
    if grant.target is None:
        message = "This opens every source of the room."
        yield Mistake(path, message, f"{QUERY}:SOURCE for each source that is needed", severity="warning")
    elif grant.target not in here.sources:
        yield unknown(path, "source", grant.target, here.sources)
    else:
        columns = here.sources[grant.target]
        yield from (
            unknown(path, f"column of {grant.target}", name, columns)
            for name in grant.columns or ()
            if name not in columns
        )
