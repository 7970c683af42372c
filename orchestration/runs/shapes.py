"""How runs, turns, teams and approvals look to programs."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Approval, Run, Team, TeamVersion, ToolCall, Turn
from orchestration.policies import right_to_decide
from orchestration.teams.linting import Finding
from workrooms.entries import user_json


def run_json(run: Run, children: list[str] | None = None) -> dict[str, Any]:
    """Return a root run; `children` are the ids of the runs nested in it, where they were asked for."""
    shown: dict[str, Any] = {
        "id": str(run.id),
        "number": run.number,
        "room": str(run.workroom_id),
        "team": run.version.team.slug,
        "version": run.version.number,
        "goal": run.goal,
        "subject": run.subject,
        "input": run.input,
        "documents": run.documents,
        "state": run.state,
        "reason": run.reason,
        "result": run.result,
        "requester": user_json(run.requester),
        "batch": str(run.batch_id) if run.batch_id else None,
        "forked_from": str(run.forked_from_id) if run.forked_from_id else None,
        "forked": run.forked,
        "rehearsal": run.pretends == Run.Pretence.REHEARSAL,
        "thread": str(run.thread_id) if run.thread_id else None,
        "spent": spent_json(run),
        "created_at": run.created_at.isoformat(),
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }
    return shown if children is None else {**shown, "children": children}


def spent_json(run: Run) -> dict[str, Any]:
    """Return what the run took: turns, tokens, cents rounded up, whole seconds without those it waited for people."""
    budget = run.budget
    until = run.finished_at or run.waiting_since or timezone.now()
    worked = (until - run.started_at).total_seconds() - run.waited_seconds if run.started_at else 0
    return {
        "turns": budget.turns,
        "tokens": budget.tokens,
        "cost_cents": -(-budget.microcents // MICROCENTS_PER_CENT),
        "seconds": max(0, round(worked)),
        "unpriced_tokens": budget.unpriced_tokens,
    }


def turn_json(turn: Turn, calls: list[ToolCall]) -> dict[str, Any]:
    """Return one turn with its tool calls."""
    return {
        "id": str(turn.id),
        "run": str(turn.run_id),
        "number": turn.number,
        "member": turn.step,
        "agent": turn.agent,
        "brain": turn.brain,
        "state": turn.state,
        "attempt": turn.attempt,
        "input": turn.input,
        "output": turn.output,
        "findings": turn.findings,
        "error": turn.error,
        "replayed_from": str(turn.replayed_from_id) if turn.replayed_from_id else None,
        "saw": turn.saw,
        "tokens": turn.tokens,
        "cost_cents": -(-turn.microcents // MICROCENTS_PER_CENT),
        "started_at": turn.started_at.isoformat() if turn.started_at else None,
        "finished_at": turn.finished_at.isoformat() if turn.finished_at else None,
        "calls": [call_json(call) for call in calls],
    }


def call_json(call: ToolCall) -> dict[str, Any]:
    """Return one use of a tool."""
    return {
        "id": str(call.id),
        "tool": call.tool,
        "arguments": call.arguments,
        "state": call.state,
        "result": call.result,
        "error": call.error,
        "decision": str(call.decision) if call.decision else None,
        "milliseconds": call.milliseconds,
    }


def team_json(team: Team) -> dict[str, Any]:
    """Return a team and its draft."""
    return {
        "id": str(team.id),
        "slug": team.slug,
        "name": team.name,
        "room": str(team.workroom_id),
        "draft": team.draft,
        "published": version_json(team.published) if team.published else None,
        "updated_at": team.updated_at.isoformat(),
    }


def version_json(version: TeamVersion) -> dict[str, Any]:
    """Return a published version without its text."""
    return {
        "number": version.number,
        "note": version.note,
        "published_by": user_json(version.published_by),
        "created_at": version.created_at.isoformat(),
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return what the linter says."""
    return {
        "line": finding.line,
        "path": finding.path,
        "message": finding.message,
        "expected": finding.expected,
        "severity": finding.severity,
        "mend": finding.mend,
    }


def approval_json(approval: Approval, viewer: User) -> dict[str, Any]:
    """Return a question, the exact act it binds, and what was answered. `may_decide` is about the caller; `for_whom` is
    who is away, when it would be decided on their behalf."""
    right = right_to_decide(viewer, approval)
    return {
        "id": str(approval.id),
        "room": str(approval.workroom_id),
        "run": str(approval.run.root_id_or_own),
        "turn": str(approval.turn_id),
        "title": approval.title,
        "state": approval.state,
        "execution": approval.execution,
        "rules": approval.rules,
        "action": approval.action,
        "digest": approval.digest,
        "requester": user_json(approval.requester),
        "relation": approval.relation,
        "quorum": approval.quorum,
        "not_requester": approval.not_requester,
        "deadline": approval.deadline.isoformat(),
        "otherwise": approval.otherwise,
        "escalated_at": approval.escalated_at.isoformat() if approval.escalated_at else None,
        "may_decide": approval.state == Approval.State.OPEN and right.refusal is None,
        "for_whom": user_json(right.for_whom),
        "decisions": [
            {
                "decision": one.decision,
                "user": user_json(one.user),
                "on_behalf_of": user_json(one.on_behalf_of),
                "reason": one.reason,
                "edits": one.edits,
                "at": one.created_at.isoformat(),
            }
            for one in approval.decisions.select_related("user", "on_behalf_of")
        ],
        "created_at": approval.created_at.isoformat(),
        "decided_at": approval.decided_at.isoformat() if approval.decided_at else None,
    }
