"""Who worked when in a run: one line a turn over time, with what people took to answer.

Time in which nobody works (a question waits for days) is drawn short, as a gap, or it would crush everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from orchestration.models import Approval, Turn
from workrooms.templatetags.face import duration

LEFT, WIDTH, LINE, BAR, HEAD = 168.0, 672.0, 30.0, 14.0, 26.0
ROOM = WIDTH - LEFT - 84.0
GAP_SHARE = 0.12
NARROWEST = 3.0
LONGEST_NAME = 20
KINDS = {"failed": "failed", "stopped": "failed", "skipped": "idle", "superseded": "idle", "ready": "idle"}


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a line: `kind` is a class of the drawing (agent, person, failed, idle)."""

    begin: datetime
    end: datetime
    kind: str


def gantt(turns: Sequence[Turn], approvals: Sequence[Approval], now: datetime) -> str:
    """SVG of the turns that began, in their order; "" when none has. Open ends reach to `now`."""
    lines = [(turn, _spans(turn, approvals, now)) for turn in turns if turn.started_at and turn.user_id]
    if not lines:
        return ""
    axis = _Axis([span for _, spans in lines for span in spans])
    rows = "".join(_row(number, turn, spans, axis) for number, (turn, spans) in enumerate(lines))
    height = HEAD + LINE * len(lines) + 4
    label = escape("; ".join(f"{turn.agent} {_took(spans)}" for turn, spans in lines), quote=True)
    return (
        f'<svg class="draw gantt" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="Turns over time: {label}">'
        f"{_scale(axis, height)}{rows}</svg>"
    )


def _spans(turn: Turn, approvals: Sequence[Approval], now: datetime) -> list[Span]:
    """When the agent worked on it, and when people were asked about it."""
    assert turn.started_at is not None
    asked = [one for one in approvals if one.turn_id == turn.id]
    until = turn.finished_at or now
    worked = min([one.created_at for one in asked], default=until)
    spans = [Span(turn.started_at, max(turn.started_at, min(worked, until)), KINDS.get(turn.state, "agent"))]
    return spans + [Span(one.created_at, max(one.created_at, one.decided_at or now), "person") for one in asked]


class _Axis:
    """Where a moment lies. Stretches in which no agent works take at most a share of the whole."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.begin = min(span.begin for span in spans)
        moments = sorted({moment for span in spans for moment in (span.begin, span.end)})
        working = [span for span in spans if span.kind != "person"]
        worked = sum((span.end - span.begin for span in working), timedelta()).total_seconds() or 1.0
        self.marks, self.whole = [(self.begin, 0.0)], 0.0
        for earlier, later in pairwise(moments):
            length = (later - earlier).total_seconds()
            busy = any(span.begin <= earlier and later <= span.end for span in working)
            self.whole += length if busy else min(length, worked * GAP_SHARE)
            self.marks.append((later, self.whole))

    def place(self, moment: datetime) -> float:
        """x of a moment that begins or ends a span."""
        share = next(share for mark, share in self.marks if mark >= moment)
        return LEFT + ROOM * share / (self.whole or 1.0)


def _row(number: int, turn: Turn, spans: Sequence[Span], axis: _Axis) -> str:
    middle = HEAD + LINE * number + LINE / 2
    bars = "".join(_bar(span, axis, middle) for span in spans)
    name = turn.agent if len(turn.agent) <= LONGEST_NAME else f"{turn.agent[: LONGEST_NAME - 1]}…"
    told = turn.purpose if turn.purpose != "work" else ""
    return (
        f'<text x="0" y="{middle + 4:g}">{escape(name)}</text>'
        f'<text class="minor" x="{LEFT - 8:g}" y="{middle + 4:g}" text-anchor="end">{escape(told)}</text>'
        f'{bars}<text class="minor" x="{WIDTH - 2:g}" y="{middle + 4:g}" text-anchor="end">{_took(spans)}</text>'
    )


def _bar(span: Span, axis: _Axis, middle: float) -> str:
    left = axis.place(span.begin)
    width = max(NARROWEST, axis.place(span.end) - left)
    return (
        f'<rect class="{span.kind} fill" x="{left:.1f}" y="{middle - BAR / 2:g}" width="{width:.1f}" '
        f'height="{BAR:g}" rx="2"/>'
    )


def _took(spans: Sequence[Span]) -> str:
    return duration((spans[-1].end - spans[0].begin).total_seconds())


def _scale(axis: _Axis, height: float) -> str:
    right = LEFT + ROOM
    ends = "".join(f"M{x:g} {HEAD - 6:g}L{x:g} {height:g}" for x in (LEFT, right))
    line = f'<path class="edge" d="{ends}"/>'
    first, last = axis.begin, axis.marks[-1][0]
    return (
        f'{line}<text class="minor" x="{LEFT:g}" y="14">{first:%H:%M:%S}</text>'
        f'<text class="minor" x="{right:g}" y="14" text-anchor="end">{last:%H:%M:%S}</text>'
    )
