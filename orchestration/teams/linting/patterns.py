"""Whether the keys of a pattern fit it and each other, and whether what it does comes to an end."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.teams.linting.finding import Definition, Mistake, unknown
from orchestration.teams.places import teams_within
from orchestration.teams.plan import Limits, member_name
from orchestration.values import rules as cel
from orchestration.values.violations import Path

BELONGS = {
    "join": ("concurrent",),
    "need": ("concurrent",),
    "straggler_timeout": ("concurrent",),
    "speaker": ("group_chat",),
    "until": ("group_chat",),
    "manager": ("group_chat", "manager"),
    "on_max_rounds": ("group_chat", "manager"),
    "handoffs": ("handoff",),
    "plan_review": ("manager",),
}
FIELD_OF_LAST = re.compile(r"\blast\.output\.([A-Za-z_]\w*)")
SEEN = frozenset({"last", "input", "round"})


def patterns(team: Definition) -> Iterator[Mistake]:
    """Every mistake about how the members of a team, and of the teams within it, work together."""
    for path, inner in teams_within(team):
        yield from _keys(inner, path)
        yield from _manager(inner, path)
        yield from _rules(inner, path, team["agents"])
        if inner["pattern"] == "handoff":
            yield from _handoffs(inner, path, team)
        need, members = inner.get("need"), len(inner["members"])
        if need is not None and need > members:
            message = f"{need} answers are needed, and there are {members} members."
            yield Mistake((*path, "need"), message, f"{members} or less", mend=f"need: {members}")


def _keys(inner: Definition, path: Path) -> Iterator[Mistake]:
    for key, fitting in BELONGS.items():
        if key in inner and inner["pattern"] not in fitting and key != "join":
            message = f"A {inner['pattern']} team has no {key}."
            yield Mistake((*path, key), message, f"{key} only with pattern: {' or '.join(fitting)}")


def _manager(inner: Definition, path: Path) -> Iterator[Mistake]:
    chosen = inner.get("speaker", {}).get("by") == "manager"
    if "manager" not in inner:
        if inner["pattern"] == "manager" or chosen:
            message = "Nobody manages this team."
            yield Mistake((*path, "pattern"), message, "manager: with the name of an agent that is no member")
        return
    if inner["manager"] in _names(inner):
        message = f"{inner['manager']} would give work to itself."
        yield Mistake((*path, "manager"), message, "an agent that is no member of this team")
    if inner["pattern"] == "group_chat" and not chosen:
        message = "This manager never chooses a speaker."
        yield Mistake((*path, "manager"), message, "speaker: {by: manager}", mend="speaker: {by: manager}")


def _names(inner: Definition) -> list[str]:
    return [member_name(member, number) for number, member in enumerate(inner["members"])]


def _rules(inner: Definition, path: Path, agents: Mapping[str, Any]) -> Iterator[Mistake]:
    written: list[tuple[Path, str]] = [((*path, "until"), inner["until"])] if "until" in inner else []
    if "rule" in inner.get("speaker", {}):
        written.append(((*path, "speaker", "rule"), inner["speaker"]["rule"]))
    for place, rule in written:
        for problem in cel.mistakes(rule, SEEN):
            yield Mistake(place, f"This rule cannot be worked out: {problem}.", "CEL over last, input and round")
        yield from _fields(rule, place, inner, agents)
    if inner["pattern"] == "group_chat" and "until" not in inner and inner.get("speaker", {}).get("by") != "manager":
        message = "This conversation has no end: it only stops when its rounds are over."
        mend = 'until: "last.output.approved"'
        yield Mistake((*path, "pattern"), message, "until: with a rule that says when it is done", "warning", mend)


def _fields(rule: str, place: Path, inner: Definition, agents: Mapping[str, Any]) -> Iterator[Mistake]:
    """A rule over a field that no member gives never holds."""
    given: set[str] = set()
    for member in inner["members"]:
        properties = agents.get(member.get("agent", ""), {}).get("output", {}).get("properties")
        if not isinstance(properties, dict) or not properties:
            return
        given |= set(properties)
    for field in sorted(set(FIELD_OF_LAST.findall(rule)) - given):
        mistake = unknown(place, "field of any member's output", field, given)
        yield Mistake(place, f"{mistake.message} This rule never holds.", mistake.expected, "warning", mistake.mend)


def _handoffs(inner: Definition, path: Path, team: Definition) -> Iterator[Mistake]:
    known = _names(inner)
    ways = inner.get("handoffs", {name: [other for other in known if other != name] for name in known})
    for giver, receivers in ways.items():
        if giver not in known:
            yield unknown((*path, "handoffs", giver), "member", giver, known)
        for number, name in enumerate(receivers):
            if name not in known:
                yield unknown((*path, "handoffs", giver, number), "member", name, known)
            if name == giver:
                message = f"{name} would hand this to itself."
                yield Mistake((*path, "handoffs", giver, number), message, "another member")
    reached = _reached(known[0], ways)
    for number, name in enumerate(known):
        if name not in reached:
            message = f"Nobody who begins with {known[0]} can hand this to {name}."
            yield Mistake((*path, "members", number), message, f"handoffs that lead to {name}", "warning")
    if "handoffs" not in team.get("limits", {}) and (circle := _circle(known[0], ways)):
        usual = Limits().handoffs
        message = f"This can be handed round: {' → '.join(circle)}. No limit says how often; {usual} is the usual one."
        mend = f"limits: {{handoffs: {usual}}}"
        yield Mistake((*path, "handoffs"), message, "a limit of handoffs", "warning", mend)


def _reached(first: str, ways: Mapping[str, list[str]]) -> set[str]:
    reached, left = {first}, [first]
    while left:
        new = [name for name in ways.get(left.pop(), []) if name not in reached]
        reached |= set(new)
        left += new
    return reached


def _circle(name: str, ways: Mapping[str, list[str]], way: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The first way from the beginning back to somebody who is already on it, or ()."""
    if name in way:
        return (*way[way.index(name) :], name)
    found = (_circle(after, ways, (*way, name)) for after in ways.get(name, []))
    return next((circle for circle in found if circle), ())
