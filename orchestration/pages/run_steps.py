"""The stepper of a run: every place of the team in order, and the people who are asked between them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from orchestration.approvals.cards import ASKED
from orchestration.models import Approval, Turn
from orchestration.patterns.base import place_of
from orchestration.teams.plan import MemberPlan, TeamPlan
from workrooms.templatetags.face import clock, duration

WORDS = {Turn.State.READY: "queued", Turn.State.STOPPED: "stopped"}
OVER = (Turn.State.FINISHED, Turn.State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the stepper: `spent` in micro-cents, `silent_seconds` since the last sign of life of one at work."""

    name: str
    state: str
    text: str = ""
    spent: int | None = None
    silent_seconds: float | None = None
    blocked_by: str = ""


def steps_of(team: TeamPlan, turns: list[Turn], approvals: list[Approval]) -> list[Step]:
    """Return the steps of a run of `team`, those not begun included, each blocked by the first that is not over."""
    latest = {place_of(turn.member): turn for turn in turns}
    steps: list[Step] = []
    blocker = ""
    for place in _places(team):
        turn = latest.get(place.key)
        steps.append(_step(place, turn, "" if turn else blocker))
        asked = [one for one in approvals if turn is not None and one.turn_id == turn.id]
        steps += [_asked(approval) for approval in asked]
        if not blocker and (turn is None or turn.state not in OVER):
            waits = next((one for one in asked if one.state == Approval.State.OPEN), None)
            blocker = ASKED.get(waits.relation, "people") if waits else place.name
    return steps


def _places(team: TeamPlan) -> Iterator[MemberPlan]:
    first, last = [team.manager] if team.manager else [], [team.join] if team.join else []
    for place in (*first, *team.members, *last):
        if place.team is not None:
            yield from _places(place.team)
        else:
            yield place


def _step(place: MemberPlan, turn: Turn | None, blocker: str) -> Step:
    name = place.name.replace("_", " ")
    if turn is None:
        return Step(name, "blocked" if blocker else "pending", blocked_by=blocker)
    seconds = ((turn.finished_at or timezone.now()) - turn.started_at).total_seconds() if turn.started_at else None
    silent = None
    if turn.state == Turn.State.CLAIMED and turn.last_activity_at:
        silent = (timezone.now() - turn.last_activity_at).total_seconds()
    said = turn.error or first_line(str((turn.output or {}).get("summary") or ""))
    text = " · ".join(part for part in (said, duration(seconds) if seconds is not None else "") if part)
    return Step(name, WORDS.get(Turn.State(turn.state), turn.state), text, turn.microcents, silent)


def first_line(summary: str) -> str:
    """Return the first line of a Markdown text without its marks, at most 110 characters."""
    line = next((line for line in summary.splitlines() if line.strip()), "").replace("*", "").replace("`", "").strip()
    return line if len(line) <= 110 else f"{line[:109]}…"


def _asked(approval: Approval) -> Step:
    name = ASKED.get(approval.relation, "people")
    if approval.state == Approval.State.OPEN:
        text = f"Waits since {clock(approval.created_at)}, by {clock(approval.deadline)}"
        return Step(name, "waiting", text)
    return Step(name, approval.state, f"{approval.title} · {clock(approval.decided_at or approval.created_at)}")
