"""Deciding approvals. The server decides: one closing answer a question, bound to the digest that was shown."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import User
from orchestration.actions.lending import Reach, answered, lend_targets
from orchestration.actions.more_budget import give_more
from orchestration.actions.voting import check_answer, edited, keep_answer
from orchestration.asking.impasses import SAYS
from orchestration.asking.questions import reask
from orchestration.models import Approval, ApprovalDecision, Run, ToolCall, Turn
from orchestration.queue import enqueue
from orchestration.settling import finish_turn, unacceptable
from orchestration.telling import tell_approval
from orchestration.turns import heal_time
from workrooms.actions.messages import post_message

VERBS = ApprovalDecision.Verb


def decide_approval(
    approval: Approval,
    *,
    actor: User,
    decision: str,
    digest: str,
    reason: str = "",
    edits: dict[str, Any] | None = None,
    lend: Reach = "once",
    until: datetime | None = None,
) -> Approval:
    """Answer an approval: approve, edit (approve with changes), reject with a reason, or ask back.

    An approved call's targets may be lent to the run, or to the room `until` a time.

    Raises Forbidden when `actor` may not decide, Conflict when it was decided or what it binds has changed (it is
    then asked again), Invalid when an edit breaks the agent's contract. Nothing is kept of a refused answer.
    """
    if decision not in VERBS.values:
        raise Invalid(f"{decision!r} is no decision.", [("decision", f"expected one of {', '.join(VERBS.values)}")])
    run, row = locked_approval(approval)
    for_whom = check_answer(row, actor, decision, digest, reason)
    changes = _changed(run, row, edits) if decision == VERBS.EDIT else None
    keep_answer(row, actor, decision, reason, changes, for_whom)
    if decision == VERBS.ASK:
        return _ask_back(row, actor, reason)
    if decision != VERBS.REJECT and len(row.votes) < row.quorum:
        tell_approval(row, actor=actor, event="approval.voted", on_behalf_of=for_whom)
        return row
    if decision == VERBS.APPROVE:
        lend_targets(row, actor=actor, reach=lend, until=until)
    return close_approval(run, row, actor, decision, edited(row) if row.quorum > 1 else changes, for_whom)


def locked_approval(approval: Approval) -> tuple[Run, Approval]:
    """Lock and return the approval's run and the approval, in this order."""
    run: Run = (
        Run.objects.select_for_update(of=("self",), no_key=True)
        .select_related("workroom__organization", "requester", "version__team", "root", "parent__run", "headline",
                        "thread", "batch")
        .get(pk=approval.run_id)
    )  # fmt: skip
    row: Approval = (
        Approval.objects.select_for_update(of=("self",), no_key=True)
        .select_related("turn__user", "run__root", "workroom__organization", "entry__workroom__organization",
                        "entry__author", "requester", "run__version__team")
        .get(pk=approval.pk)
    )  # fmt: skip
    row.run, row.turn.run = run, run
    return run, row


def close_approval(
    run: Run,
    row: Approval,
    actor: User | None,
    decision: str,
    edits: dict[str, Any] | None = None,
    for_whom: User | None = None,
) -> Approval:
    """Close an open approval and let the run go on, or end it. `actor` None: nobody answered in time; `for_whom`: who
    is away, when it was decided on their behalf."""
    approved = decision in (VERBS.APPROVE, VERBS.EDIT)
    row.state = Approval.State.APPROVED if approved else Approval.State.REJECTED
    if actor is None:
        row.state = Approval.State.EXPIRED
    row.decided_at = timezone.now()
    accepts = row.action["act"] == "accept"
    row.execution = Approval.Execution.EXECUTING if approved and accepts else Approval.Execution.NONE
    row.save(update_fields=["state", "decided_at", "execution"])
    tell_approval(row, actor=actor, event=f"approval.{'edited' if edits else row.state}", on_behalf_of=for_whom)
    _go_on(run, row, actor, approved, edits)
    return row


def _go_on(run: Run, row: Approval, actor: User | None, approved: bool, edits: dict[str, Any] | None) -> None:
    turn, act = row.turn, row.action["act"]
    if act == "confirm":
        state = ToolCall.State.SUCCEEDED if approved else ToolCall.State.FAILED
        told = (
            {"result": {"status": "confirmed by a person"}}
            if approved
            else {"error": "A person says it did not happen."}
        )
        ToolCall.objects.filter(pk=row.action["call"]).update(state=state, **told)
        _reopen(turn)
    elif act == "retry" and approved:
        undone = (ToolCall.State.FAILED, ToolCall.State.DENIED)
        ToolCall.objects.filter(turn=turn, state__in=undone).update(state=ToolCall.State.PROPOSED)
        _reopen(turn)
    elif act == "call":
        ToolCall.objects.filter(pk=row.action["call"], state=ToolCall.State.WAITING).update(**answered(row, approved))
        _reopen(turn)
    elif act == "budget" and approved:
        if not row.action.get("begins"):
            _reopen(turn)
        give_more(row, actor=actor)
    elif approved and act in SAYS:
        _note(run, turn, actor, edits or {})
    elif approved:
        decided = {"decided_by": actor.name} if actor else {}
        finish_turn(run, turn, {**(turn.output or {}), **(edits or {}), **decided})
    else:
        _reject(run, row, actor)
    Run.objects.filter(pk=run.pk, heal_at=None).exclude(state__in=Run.ENDED).update(heal_at=heal_time())
    enqueue(run)
    if run.root is not None:
        enqueue(run.root)


def _note(run: Run, turn: Turn, actor: User | None, edits: dict[str, Any]) -> None:
    """A yes to what a pattern asked: the turn stays as it is, but for what people changed in its output."""
    if edits:
        turn.output = {**(turn.output or {}), **edits}
        turn.save(update_fields=["output"])
        record("turn.edited", actor=actor, ledger=run.workroom_id, object=f"turn:{turn.id}", run=run.root_id_or_own,
               turn=turn.id, payload={"edits": edits})  # fmt: skip


def _reopen(turn: Turn) -> None:
    turn.state, turn.error, turn.finished_at = Turn.State.READY, "", None
    turn.save(update_fields=["state", "error", "finished_at"])


def _reject(run: Run, row: Approval, actor: User | None) -> None:
    given = row.decisions.exclude(decision=VERBS.ASK).first()
    why = f"Rejected by {actor.name}: {given.reason}" if actor and given else "Nobody decided in time: rejected"
    root = run if run.root_id is None else Run.objects.get(pk=run.root_id)
    root.state, root.reason = Run.State.STOPPING, why[:500]
    root.save(update_fields=["state", "reason", "updated_at"])


def _ask_back(row: Approval, actor: User, reason: str) -> Approval:
    root = row.run.root_or_own
    record("approval.asked", actor=actor, ledger=row.workroom_id, object=f"approval:{row.id}", run=root.id,
           turn=row.turn_id, payload={"question": reason.strip()})  # fmt: skip
    body = f"@{row.requester.name} {reason.strip()}"
    post_message(row.workroom, actor=actor, body=body, thread=row.entry, about={"note": f"asks about {row.title}"})
    tell_approval(row, actor=actor, event="approval.told")
    return row


def _changed(run: Run, row: Approval, edits: dict[str, Any] | None) -> dict[str, Any]:
    output = row.action.get("output")
    if not isinstance(output, dict) or not edits:
        raise Invalid("Say what to change.", [("edits", "expected fields of the agent's answer")])
    unknown = sorted(set(edits) - set(output))
    if unknown:
        raise Invalid("An edit names a field that is not there.", [(f"edits.{name}", "unknown") for name in unknown])
    changes = {name: value for name, value in edits.items() if value != output[name]}
    if mistakes := unacceptable(run, row.turn, {**output, **changes}):
        raise Invalid("The edit breaks the agent's contract.", [("edits", mistake) for mistake in mistakes])
    return changes


def supersede(approval: Approval, *, actor: User | None) -> Approval:
    """Close an approval whose documents changed, and ask again about the act as it is now; return the new question.

    Where somebody else did so a moment before, theirs is returned.
    """
    run, row = locked_approval(approval)
    if row.state != Approval.State.OPEN:
        again: Approval = Approval.objects.filter(turn=row.turn_id, action__act=row.action["act"]).latest("created_at")
        return again
    row.state = Approval.State.SUPERSEDED
    row.save(update_fields=["state"])
    successor = reask(run, row)
    tell_approval(row, actor=actor, event="approval.superseded")
    return successor
