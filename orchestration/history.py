"""What happened in a run, as its pattern is shown it: steps begun, replies, who is late, what people answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from orchestration.limits.loops import Taken
from orchestration.models import Approval, Run, Turn
from orchestration.patterns import PATTERNS
from orchestration.patterns.base import Ask, Reply, ReplyState, State, Step
from orchestration.purposes import WORK, hands_on
from orchestration.teams.plan import TeamPlan
from orchestration.values.digests import digest
from orchestration.values.rules import RuleError, check, evaluate

REPLIES: dict[str, ReplyState] = {
    Turn.State.FINISHED: "finished", Turn.State.SKIPPED: "skipped", Turn.State.FAILED: "failed"
}  # fmt: skip
WAITED_FOR = (Turn.State.READY, Turn.State.CLAIMED)


def next_step(run: Run, team: TeamPlan, turns: Sequence[Turn]) -> Step:
    """Return what the team's pattern says comes next.

    What people answered is only looked up for a pattern that asks: not knowing it, a pattern can do no more than ask.
    """
    pattern, state = PATTERNS[team.pattern], pattern_state(run, team, turns)
    step = pattern(state)
    if isinstance(step, Ask) and step.act != "retry":
        return pattern(replace(state, answered=frozenset(answered(run))))
    return step


def pattern_state(run: Run, team: TeamPlan, turns: Sequence[Turn]) -> State:
    """Return what the pattern is shown: the steps begun, and the replies in the order in which they arrived."""
    own = [turn for turn in turns if turn.purpose != "verify"]
    over = sorted((turn for turn in own if turn.state in REPLIES), key=lambda turn: (turn.finished_at, turn.number))
    return State(
        members=tuple(member.member for member in team.members),
        input=run.input,
        join=team.join.member if team.join else None,
        started=frozenset(turn.member for turn in own),
        replies=tuple(_shown(run, team, turn, number) for number, turn in enumerate(over)),
        terms=team.terms,
        late=frozenset(turn.member for turn in late_turns(team, own)),
    )


def _shown(run: Run, team: TeamPlan, turn: Turn, number: int) -> Reply:
    """The reply of a turn that is over: rules over it are worked out once, because it does not change."""
    came = (number, turn.finished_at)
    if came not in turn.shown:
        turn.shown[came] = _reply(run, team, turn, number)
    reply: Reply = turn.shown[came]
    return reply


def _reply(run: Run, team: TeamPlan, turn: Turn, number: int) -> Reply:
    output = turn.output or {}
    done, chosen = False, ""
    if turn.purpose == "work" and (team.until or team.speaker_rule):
        last = {"agent": turn.agent, "output": output}
        seen = {"last": last, "input": run.input, "round": number // len(team.members) + 1}
        done = bool(team.until) and check(team.until, seen) is None
        chosen = _named(team.speaker_rule, seen)
    return Reply(turn.member, REPLIES[turn.state], output, turn.number, done, chosen)


def _named(rule: str, seen: dict[str, Any]) -> str:
    """Whom a rule names; a rule that cannot be worked out names nobody."""
    try:
        return str(evaluate(rule, seen)) if rule else ""
    except RuleError:
        return ""


def late_turns(team: TeamPlan, turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns of stragglers. Whoever waits for people is none: people take the time they take."""
    if team.straggler_timeout is None:
        return []
    begun = timezone.now() - timedelta(seconds=team.straggler_timeout)
    slow = [turn for turn in turns if turn.purpose == "work" and turn.state in WAITED_FOR and _since(turn) <= begun]
    nested = [turn.id for turn in slow if turn.user_id is None]
    asking = set(
        Run.objects.filter(parent__in=nested, state=Run.State.WAITING).values_list("parent_id", flat=True)
        if nested
        else ()
    )
    return [turn for turn in slow if turn.id not in asking]


def next_lateness(team: TeamPlan, turns: Sequence[Turn]) -> datetime | None:
    """Return when the next of the open turns becomes late, if the team does not wait for stragglers."""
    if team.straggler_timeout is None:
        return None
    patience = timedelta(seconds=team.straggler_timeout)
    due = [_since(turn) + patience for turn in turns if turn.purpose == "work" and turn.state in WAITED_FOR]
    return min((moment for moment in due if moment > timezone.now()), default=None)


def _since(turn: Turn) -> datetime:
    """Since when a turn is waited for: people who paused the run took nobody's time."""
    resumed = turn.run.root_or_own.resumed_at
    return turn.created_at if resumed is None else max(turn.created_at, resumed)


def answered(run: Run) -> list[tuple[str, str]]:
    """Return the questions of a run that people answered with yes. A plan that changed since is a new question."""
    rows = Approval.objects.filter(run=run, state=Approval.State.APPROVED).select_related("turn")
    asked = [row for row in rows if row.action["act"] != "plan" or _same_plan(row)]
    return [(row.turn.member, row.action["act"]) for row in asked]


def _same_plan(approval: Approval) -> bool:
    closing = approval.decisions.exclude(decision="ask").first()
    approved = {**(approval.action.get("output") or {}), **((closing and closing.edits) or {})}
    return digest(approved.get("tasks")) == digest((approval.turn.output or {}).get("tasks"))


def worked_since(turns: Sequence[Turn], number: int) -> list[Turn]:
    """Return the turns after `number` whose work is finished, in the order in which it was."""
    done = [turn for turn in turns if turn.number > number and turn.state == Turn.State.FINISHED]
    return sorted((turn for turn in done if turn.purpose in WORK), key=lambda turn: (turn.finished_at, turn.number))


def as_taken(team: TeamPlan, turn: Turn) -> Taken:
    """Return a finished turn as the loop detectors look at it."""
    return Taken(turn.agent, turn.output or {}, _receiver(team, turn))


def _receiver(team: TeamPlan, turn: Turn) -> str:
    return str(turn.output["handoff"].get("to")) if turn.output and hands_on(team, turn.output) else ""
