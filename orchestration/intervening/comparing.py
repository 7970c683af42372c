"""Two runs side by side: what differs in the result, then member by member what went in, came out and was said."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q

from orchestration.failures.reading import findings_of
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.intervening.differing import Difference, differences
from orchestration.models import Approval, Run, ToolCall, Turn
from orchestration.runs.shapes import spent_json


@dataclass(frozen=True, slots=True)
class Side:
    """One member's go in one run: cost in micro-cents, `decisions` and `findings` as sentences."""

    state: str
    brain: str
    microcents: int
    tokens: int
    seconds: float | None
    calls: int
    findings: tuple[str, ...]
    decisions: tuple[str, ...]
    taken_over: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The n-th go of an agent in both runs; None where it had none."""

    agent: str
    purpose: str
    time: int
    first: Side | None
    second: Side | None
    input: list[Difference]
    output: list[Difference]

    @property
    def name(self) -> str:
        """What the go is called: the agent, its purpose, and how often it had that."""
        purpose = f" ({self.purpose})" if self.purpose != "work" else ""
        return f"{self.agent}{purpose}{f', time {self.time}' if self.time > 1 else ''}"

    @property
    def differs(self) -> bool:
        """Whether what came out of it, or what people decided about it, is not the same."""
        if self.first is None or self.second is None or self.output:
            return True
        return (self.first.state, self.first.decisions) != (self.second.state, self.second.decisions)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two root runs. `task` is what they were given, `findings` what usually goes wrong, each run's as sentences."""

    first: Run
    second: Run
    result: list[Difference]
    task: list[Difference]
    members: list[Compared]
    spent: tuple[dict[str, Any], dict[str, Any]]
    findings: tuple[list[str], list[str]]


def compare_runs(first: Run, second: Run) -> Comparison:
    """Return what differs between two root runs of a room."""
    turns, others = _turns(first), _turns(second)
    outcome = [{"state": run.state, "reason": run.reason, **(run.result or {})} for run in (first, second)]
    return Comparison(
        first=first,
        second=second,
        result=differences(*outcome),
        task=differences(_task(first), _task(second)),
        members=[_compared(key, turns.get(key), others.get(key)) for key in {**turns, **others}],
        spent=(spent_json(first), spent_json(second)),
        findings=(_findings(first), _findings(second)),
    )


def _task(run: Run) -> dict[str, Any]:
    changed = " changed for this run" if run.version.provisional else ""
    return {
        "team": f"{run.version.team.slug} v{run.version.number}{changed}",
        "goal": run.goal,
        "input": run.input,
        "documents": {one["name"]: one["revision"] for one in run.documents},
        "asked by": run.requester.name,
    }


def _turns(run: Run) -> dict[tuple[str, str, int], Turn]:
    """Return the turns of a run and of those nested in it, by agent, purpose and how often it had that purpose."""
    rows = Turn.objects.filter(Q(run=run) | Q(run__root=run), user__isnull=False)
    found: dict[tuple[str, str, int], Turn] = {}
    for turn in rows.exclude(state=Turn.State.SUPERSEDED).order_by("started_at", "number"):
        time = 1
        while (turn.agent, turn.purpose, time) in found:
            time += 1
        found[turn.agent, turn.purpose, time] = turn
    return found


def _compared(key: tuple[str, str, int], first: Turn | None, second: Turn | None) -> Compared:
    agent, purpose, time = key
    return Compared(
        agent=agent,
        purpose=purpose,
        time=time,
        first=_side(first) if first else None,
        second=_side(second) if second else None,
        input=differences(first.input, second.input) if first and second else [],
        output=differences((first and first.output) or {}, (second and second.output) or {}),
    )


def _side(turn: Turn) -> Side:
    ended = turn.finished_at or turn.last_activity_at
    asked = Approval.objects.filter(turn=turn).exclude(state=Approval.State.SUPERSEDED).order_by("created_at")
    return Side(
        state=turn.state,
        brain=turn.brain,
        microcents=turn.microcents,
        tokens=turn.tokens,
        seconds=(ended - turn.started_at).total_seconds() if ended and turn.started_at else None,
        calls=ToolCall.objects.filter(turn=turn).count(),
        findings=(*(str(one) for one in turn.findings), *([turn.error] if turn.error else [])),
        decisions=tuple(_decided(asked)),
        taken_over=turn.replayed_from_id is not None,
    )


def _decided(asked: Iterable[Approval]) -> Iterator[str]:
    for approval in asked:
        closing = approval.decisions.exclude(decision="ask").select_related("user").last()
        by = f" by {closing.user.name}" if closing else ""
        reason = f": {closing.reason}" if closing and closing.reason else ""
        yield f"{approval.title}, {approval.state}{by}{reason}"


def _findings(run: Run) -> list[str]:
    return [finding.sentence for finding in findings_of(run)]


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison for programs; `first` and `second` of a member are null where it had no such turn."""

    def side(one: Side | None) -> dict[str, Any] | None:
        if one is None:
            return None
        cents = -(-one.microcents // MICROCENTS_PER_CENT)
        return {**{name: value for name, value in asdict(one).items() if name != "microcents"}, "cost_cents": cents}

    return {
        "first": str(comparison.first.id),
        "second": str(comparison.second.id),
        "result": [asdict(one) for one in comparison.result],
        "task": [asdict(one) for one in comparison.task],
        "spent": list(comparison.spent),
        "findings": list(comparison.findings),
        "members": [
            {
                "agent": each.agent,
                "purpose": each.purpose,
                "time": each.time,
                "differs": each.differs,
                "first": side(each.first),
                "second": side(each.second),
                "input": [asdict(one) for one in each.input],
                "output": [asdict(one) for one in each.output],
            }
            for each in comparison.members
        ],
    }
