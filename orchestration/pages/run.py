"""A run as its page shows it: every turn of the run and of the runs nested in it, what was asked, and what it cost."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Event, User
from orchestration.blocked.lines import blocked_lines
from orchestration.failures.modes import MODES
from orchestration.failures.reading import findings_of
from orchestration.limits.breakers import is_quarantined
from orchestration.limits.resting import resting_agents
from orchestration.models import Approval, ModelResponse, Run, ToolCall, Turn
from orchestration.pages.gantt import gantt
from orchestration.pages.run_steps import Step, first_line, steps_of
from orchestration.patterns.base import place_of
from orchestration.policies import may_decide
from orchestration.runs.list import Row, rows_of
from orchestration.standing import plan_of
from orchestration.teams.shape import draw
from workrooms.models import Document
from workrooms.rendering import render_message

TOLD = ("turn.finished", "turn.waiting", "turn.failed", "turn.skipped", "turn.started")
LONGEST_RESULT = 4_000


@dataclass(frozen=True, slots=True)
class Call:
    """A use of a tool; `why` is the decision that refused it, in words."""

    call: ToolCall
    arguments: str
    result: str
    why: str


@dataclass(slots=True)
class TurnShown:
    """One turn. `seq` is the number of the ledger entry that tells its result, 0 when there is none; `result` is one
    line of what it `said` (HTML), `output` all of it as JSON text; `kept_back` says what its model was not shown."""

    turn: Turn
    seq: int
    seconds: float | None
    result: str
    said: str
    checks: str
    output: str
    calls: list[Call] = field(default_factory=list)
    responses: int = 0
    kept_back: list[str] = field(default_factory=list)


def page_context(run: Run, viewer: User) -> dict[str, Any]:
    """Return what the page of a root run reads."""
    tree = [run, *Run.objects.filter(root=run)]
    turns = list(
        Turn.objects.filter(run__in=tree)
        .select_related("user", "replayed_from__run__root")
        .order_by("started_at", "run", "number")
    )
    approvals = list(
        Approval.objects.filter(run__in=tree).select_related("workroom", "requester", "turn").order_by("created_at")
    )
    row: Row = rows_of([run])[0]
    states = {place_of(turn.member): {"state": turn.state, "seconds": seconds_of(turn)} for turn in turns}
    shown = _shown(run, [turn for turn in turns if turn.user_id])
    mine = [one for one in approvals if one.state == Approval.State.OPEN and may_decide(viewer, one) is None]
    steps: list[Step] = steps_of(plan_of(run), turns, approvals)
    resting = {} if run.ended else resting_agents(run.workroom)
    concerned = {*plan_of(run).agents, *(turn.agent for turn in turns)}
    return {
        "run": run,
        "row": row,
        "picture": draw(run.version.definition, states),
        "gantt": gantt(turns, approvals, timezone.now()),
        "steps": steps,
        "turns": shown,
        "own_page": f"runs/{run.number}/",
        "resting": {name: breaker for name, breaker in resting.items() if name in concerned},
        "blocked": [] if run.ended else blocked_lines(run),
        "findings": [(finding, MODES[finding.mode]) for finding in findings_of(run)],
        "approvals": approvals,
        "open": mine[0] if mine else None,
        "aside": _aside(turns),
        "costs": [_cost(each.turn) for each in shown if each.turn.tokens or each.turn.microcents],
        "result": json.dumps(run.result, indent=2, ensure_ascii=False) if run.result else "",
        "result_said": render_message(str((run.result or {}).get("summary") or "")),
        "written": Document.objects.filter(workroom=run.workroom, run=run.id).order_by("name"),
        "quarantined": run.state == Run.State.PAUSED and is_quarantined(f"run:{run.id}"),
        "last_act": max((turn.last_activity_at for turn in turns if turn.last_activity_at), default=None),
    }


def _aside(turns: list[Turn]) -> dict[str, int]:
    aside = [turn for turn in turns if turn.state == Turn.State.SUPERSEDED]
    spent = {"tokens": sum(turn.tokens for turn in aside), "microcents": sum(turn.microcents for turn in aside)}
    return {"turns": len(aside), **spent}


def _cost(turn: Turn) -> dict[str, Any]:
    return {"label": f"{turn.agent.capitalize()}, {turn.tokens:,} tokens", "microcents": turn.microcents}


def seconds_of(turn: Turn) -> float | None:
    """Return how long a turn took, or has taken until now; None before it began."""
    if turn.started_at is None:
        return None
    return ((turn.finished_at or timezone.now()) - turn.started_at).total_seconds()


def _shown(run: Run, turns: list[Turn]) -> list[TurnShown]:
    told = Event.objects.filter(ledger_id=run.workroom_id, run=run.id, kind__in=TOLD).order_by("seq")
    numbers: dict[UUID, int] = dict(told.values_list("turn", "seq"))
    shown = {turn.id: _turn(turn, numbers.get(turn.id, 0)) for turn in turns}
    for call in _calls(run, turns):
        shown[call.call.turn_id].calls.append(call)
    for turn_id in ModelResponse.objects.filter(turn__in=turns).values_list("turn_id", flat=True):
        shown[turn_id].responses += 1
    redacted = Event.objects.filter(ledger_id=run.workroom_id, run=run.id, kind="prompt.redacted").order_by("seq")
    for turn_id, payload in redacted.values_list("turn", "payload"):
        if payload and turn_id in shown:
            shown[turn_id].kept_back.append(_kept_back(payload))
    return list(shown.values())


def _kept_back(payload: dict[str, Any]) -> str:
    kinds = ", ".join(f"{count} × {kind}" for kind, count in payload["kinds"].items())
    fields = f"; fields {', '.join(payload['fields'])}" if payload["fields"] else ""
    return f"{kinds}{fields}, before {payload['to']}"


def _turn(turn: Turn, seq: int) -> TurnShown:
    summary = str((turn.output or {}).get("summary") or "")
    output = json.dumps(turn.output, indent=2, ensure_ascii=False) if turn.output else ""
    return TurnShown(turn, seq, seconds_of(turn), first_line(summary), render_message(summary), _checks(turn), output)


def _checks(turn: Turn) -> str:
    if turn.replayed_from is not None:
        return f"taken over from run {turn.replayed_from.run.root_or_own.number}"
    if turn.state == Turn.State.WAITING:
        return "sent to a person" if turn.output else "needs a person"
    return {
        Turn.State.FINISHED: "passed",
        Turn.State.SUPERSEDED: "set aside",
        Turn.State.READY: "queued",
        Turn.State.CLAIMED: "working",
    }.get(Turn.State(turn.state), turn.state)


def _calls(run: Run, turns: Iterable[Turn]) -> list[Call]:
    calls = list(ToolCall.objects.filter(turn__in=list(turns)).order_by("response", "position"))
    refused = Event.objects.filter(ledger_id=run.workroom_id, run=run.id, kind="authority.denied")
    whys = {decision: _why(payload or {}) for decision, payload in refused.values_list("decision", "payload")}
    return [
        Call(
            call,
            json.dumps(call.arguments, ensure_ascii=False),
            _shortened(json.dumps(call.result, ensure_ascii=False)) if call.result is not None else "",
            whys.get(call.decision, "") if call.decision else "",
        )
        for call in calls
    ]


def _why(payload: dict[str, Any]) -> str:
    """Return the reasons of a decision, factor by factor; a column that was refused later has a reason of its own."""
    factors = (payload.get("factors") or {}).items()
    named = [f"{name}: {factor['reason']}" for name, factor in factors]
    return " ".join(part for part in [str(payload.get("reason") or ""), *named] if part)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_RESULT else f"{text[:LONGEST_RESULT]}… ({len(text):,} characters)"
