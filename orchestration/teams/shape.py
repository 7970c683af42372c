"""The picture of a team, drawn from the team itself: boxes are agents and teams, circles are people."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from orchestration.teams.drawing import Block, Paper, Point, chain, edge, fork
from orchestration.teams.linting.rules import AGENT_IN_RULE
from orchestration.teams.plan import member_name
from orchestration.teams.schema import TEAM
from orchestration.teams.telling import spoken, tell
from orchestration.values.schemas import violations

LYING = Paper(False, box_along=112, box_across=56, step=46, fork=54, lanes_apart=24, circle=34)
STANDING = Paper(True, box_along=36, box_across=104, step=28, fork=28, lanes_apart=24, circle=30)
LEAST_WIDTH = {False: 672, True: 320}
MARGIN = 4
LONGEST_NAME = 18
LETTER = 7.5
ASIDE = 20

TICK, CROSS, CLOCK = "m0 0 3.5 3.5 6-7", "m1-4 7 7m0-7-7 7", "M5-5a5 5 0 1 0 .1 0m-.1 2v3.5"


class Seen(NamedTuple):
    """How a state of a turn or run is drawn: class of the box, words, mark and class of the mark."""

    box: str
    words: str
    mark: str = ""
    mark_class: str = ""


STATES = {
    "finished": Seen("agent", "done", TICK, "done"),
    "skipped": Seen("idle", "skipped"),
    "failed": Seen("failed", "failed", CROSS, "failed"),
    "stopped": Seen("failed", "stopped", CROSS, "failed"),
    "waiting": Seen("person", "waits", CLOCK, "person"),
    "paused": Seen("idle", "paused"),
    "claimed": Seen("agent", "working"),
    "running": Seen("agent", "working"),
    "stopping": Seen("agent", "stopping"),
}
NOT_YET = Seen("idle", "not yet")


@dataclass(frozen=True, slots=True)
class _Team:
    """What every box needs to know of its team and run."""

    definition: dict[str, Any]
    states: Mapping[str, Mapping[str, Any]] | None
    asked_about: Mapping[str, str]
    paper: Paper


def draw(
    definition: dict[str, Any], states: Mapping[str, Mapping[str, Any]] | None = None, *, upright: bool = False
) -> str:
    """SVG of a team; "" for what is no team.

    `states` has for the keys of `plan` (as "1.0") `{"state": a turn's or run's state, "seconds": number or None}`:
    then the picture is of a run. Lying pictures are for wide places, upright ones for narrow ones.
    """
    if violations(TEAM, definition):
        return ""
    width = max([len(spoken(name)) for name in _names(definition)], default=0)
    paper = _wide_enough(STANDING if upright else LYING, min(width, LONGEST_NAME))
    block = _inside(definition, _Team(definition, states, _asked_about(definition), paper), "")
    label = escape(tell(definition, states), quote=True)
    box = _frame(block, paper)
    kind = "shape" if upright else "graph"
    pieces = "".join(block.paint(0, 0))
    return f'<svg class="draw {kind}" viewBox="{box}" role="img" aria-label="{label}">{pieces}</svg>'


def _frame(block: Block, paper: Paper) -> str:
    overhang = max(0, paper.circle - paper.box_along / 2)
    x, y = paper.place(-overhang, -block.before)
    width, height = paper.place(block.length + 2 * overhang, block.before + block.after)
    spare = max(0, LEAST_WIDTH[paper.upright] - width - 2 * MARGIN)
    left = x - MARGIN - (spare / 2 if paper.upright else 0)
    return f"{left:g} {y - MARGIN:g} {width + spare + 2 * MARGIN:g} {height + 2 * MARGIN:g}"


def _wide_enough(paper: Paper, letters: int) -> Paper:
    width = max(paper.box_across if paper.upright else paper.box_along, 48 + LETTER * letters)
    along, across = (paper.box_along, width) if paper.upright else (width, paper.box_across)
    return Paper(paper.upright, along, across, paper.step, paper.fork, paper.lanes_apart, paper.circle)


def _names(team: dict[str, Any]) -> list[str]:
    inner = [
        name for member in team["members"] if isinstance(member.get("team"), dict) for name in _names(member["team"])
    ]
    others = [team.get("join", ""), team.get("manager", "")]
    return [member_name(member, number) for number, member in enumerate(team["members"])] + others + inner


def _asked_about(definition: dict[str, Any]) -> dict[str, str]:
    """Who decides about which agent's result: the agents that exceptions name, or else the last member."""
    asked: dict[str, str] = {}
    for exception in definition.get("exceptions", []):
        found = [single or double for single, double in AGENT_IN_RULE.findall(exception["when"])]
        last = len(definition["members"]) - 1
        for name in found or [member_name(definition["members"][last], last)]:
            asked.setdefault(name, exception.get("ask", {}).get("relation", "approver"))
    return asked


def _inside(team: dict[str, Any], whole: _Team, prefix: str) -> Block:
    """Who may work at once, or instead of each other, stands side by side; the rest in a row."""
    blocks = [_member(member, number, whole, prefix) for number, member in enumerate(team["members"])]
    if team["pattern"] == "handoff" and len(blocks) > 1:
        return chain([blocks[0], fork(blocks[1:], whole.paper)], whole.paper)
    beside = team["pattern"] == "concurrent" or "manager" in team
    middle = fork(blocks, whole.paper) if beside else chain(blocks, whole.paper)
    first = [_box(team["manager"], f"{prefix}manager", whole)] if "manager" in team else []
    last = [_box(team["join"], f"{prefix}join", whole)] if "join" in team else []
    return chain([*first, middle, *last], whole.paper) if first or last else middle


def _member(member: dict[str, Any], number: int, whole: _Team, prefix: str) -> Block:
    key = f"{prefix}{number}"
    if isinstance(member.get("team"), dict):
        return _inside(member["team"], whole, f"{key}.")
    return _box(member_name(member, number), key, whole, is_team="team" in member)


def _box(name: str, key: str, whole: _Team, is_team: bool = False) -> Block:
    paper, half = whole.paper, whole.paper.box_across / 2
    relation = whole.asked_about.get(name)
    state = (whole.states or {}).get(key, {})
    seen = STATES.get(str(state.get("state")), NOT_YET) if whole.states is not None else Seen("agent", "")
    words = _words(seen, state) if seen.words else _brain(name, whole.definition, is_team)

    def paint(along: float, across: float) -> list[str]:
        asked = _people(along, across, relation, seen, paper) if relation else ""
        return [asked, _agent(paper.place(along, across - half), name, seen, words, whole, is_team)]

    after = half + ASIDE + 2 * paper.circle if relation else half
    return Block(paper.box_along, half, after, paint)


def _brain(name: str, definition: dict[str, Any], is_team: bool) -> str:
    brain = definition["agents"].get(name, {}).get("brain", {})
    return "team" if is_team else str(next(iter(brain), "unknown"))


def _words(seen: Seen, state: Mapping[str, Any]) -> str:
    seconds = state.get("seconds")
    if seconds is None:
        return seen.words
    time = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return time if seen.words == "done" else f"{seen.words} {time}"


def _agent(corner: Point, name: str, seen: Seen, words: str, whole: _Team, is_team: bool) -> str:
    paper, (x, y) = whole.paper, corner
    width, height = paper.place(paper.box_along, paper.box_across)
    shown = spoken(name)
    short = shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"
    middle = ' text-anchor="middle"' if paper.upright else ""
    text_x, name_y, words_y = (x + width / 2, y + 17, y + 31) if paper.upright else (x + 12, y + 24, y + 42)
    mark = f'<path class="{seen.mark_class}" transform="translate({x + width - 20:g} {y + 20:g})" d="{seen.mark}"/>'
    behind = f'<rect class="fill" x="{x + 3:g}" y="{y - 3:g}" width="{width:g}" height="{height:g}" rx="4"/>'
    return (
        f'<g class="{seen.box}"><title>{escape(shown)}: {escape(words)}</title>{behind if is_team else ""}'
        f'<rect class="fill" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/></g>'
        f'<text x="{text_x:g}" y="{name_y:g}"{middle}>{escape(short)}</text>'
        f'<text class="code" x="{text_x:g}" y="{words_y:g}"{middle}>{escape(words)}</text>{mark if seen.mark else ""}'
    )


def _people(along: float, across: float, relation: str, seen: Seen, paper: Paper) -> str:
    beside, halfway = across + paper.box_across / 2, along + paper.box_along / 2
    (x, y), radius = paper.place(halfway, beside + ASIDE + paper.circle), paper.circle
    words = "to decide" if seen.words == "waits" else "if needed"
    kind = "person" if seen.words in ("", "waits") else "idle"
    return (
        edge(paper.line((halfway, beside), (halfway, beside + ASIDE)))
        + f'<g class="{kind}"><circle class="fill" cx="{x:g}" cy="{y:g}" r="{radius:g}"/></g>'
        + f'<text class="minor" x="{x:g}" y="{y - 2:g}" text-anchor="middle">{escape(spoken(relation))}</text>'
        + f'<text class="minor" x="{x:g}" y="{y + 13:g}" text-anchor="middle">{words}</text>'
    )
