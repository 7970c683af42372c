"""How runs end: with a result, with a failure, or stopped with a reason."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.ledger.record import record
from accounts.tenancy import keep
from orchestration.limits.budgets import release
from orchestration.models import Approval, Run, Turn
from orchestration.queue import enqueue
from orchestration.telling import tell_approval, tell_run, tell_turn


def end_run(run: Run, result: dict[str, Any], warning: str = "") -> None:
    """Finish `run` with `result`; for a child run that is the result of its turn in the parent.

    `warning` says why the result is less than it should be.
    """
    run.result = result
    _end(run, Run.State.FINISHED, warning)


def drop_turns(run: Run, turns: Sequence[Turn]) -> None:
    """No longer wait for these open turns of `run`: whatever they still give does not count."""
    left = [turn for turn in turns if turn.state in Turn.OPEN]
    for turn in left:
        turn.run = run
        release(turn)
        turn.state, turn.error, turn.finished_at = Turn.State.SKIPPED, "No longer waited for.", timezone.now()
        keep(turn, "state", "error", "finished_at")
        tell_turn(run, turn)
    if left and run.asked:
        _supersede(Approval.objects.filter(turn__in=left))
    _tell_nested(left)


def _tell_nested(turns: Sequence[Turn]) -> None:
    """A nested run sees for itself that its turn is over, and stops: nobody else writes its row."""
    nested = [turn.id for turn in turns if turn.user_id is None]
    for child in Run.objects.filter(parent__in=nested).exclude(state__in=Run.ENDED) if nested else ():
        enqueue(child)


def supersede_questions(turn: Turn, act: str) -> None:
    """Close the open questions of one kind about a turn: what they asked is no longer so."""
    _supersede(Approval.objects.filter(turn=turn, action__act=act))


def _supersede(asked: QuerySet[Approval]) -> None:
    for approval in asked.filter(state=Approval.State.OPEN).select_related("entry__workroom"):
        approval.state = Approval.State.SUPERSEDED
        approval.save(update_fields=["state"])
        tell_approval(approval, actor=None, event="approval.superseded")


def fail_run(run: Run, reason: str, stopped: bool = False) -> None:
    """End `run` without a result: failed, or stopped by a limit."""
    _end(run, Run.State.STOPPED if stopped else Run.State.FAILED, reason)


def halt_run(run: Run, reason: str) -> None:
    """Stop `run` and whatever is open in it; `reason` names the person, the limit, or that it is stuck."""
    _end(run, Run.State.STOPPED, reason)


def _end(run: Run, state: Run.State, reason: str) -> None:
    left = [turn for turn in run.steps if turn.state in Turn.OPEN]
    for turn in left:
        release(turn)
        turn.state, turn.finished_at = Turn.State.STOPPED, timezone.now()
        keep(turn, "state", "finished_at")
    _tell_nested(left)
    if run.asked:
        _supersede(Approval.objects.filter(run=run))
    run.state, run.reason, run.finished_at, run.heal_at = state, reason[:500], timezone.now(), None
    keep(run, "state", "reason", "result", "finished_at", "heal_at", "updated_at")
    if run.parent is not None:
        _answer_parent(run)
    elif run.asked:
        _close_approvals(run)
    _log(run)
    tell_run(run)


def _answer_parent(run: Run) -> None:
    answer = {
        "state": Turn.State.FINISHED if run.state == Run.State.FINISHED else Turn.State.FAILED,
        "output": run.result,
        "error": run.reason,
        "finished_at": timezone.now(),
    }
    assert run.parent is not None
    Turn.objects.filter(pk=run.parent.pk, state=Turn.State.CLAIMED).update(**answer)
    enqueue(run.parent.run)


def _close_approvals(root: Run) -> None:
    """The act that people approved is done when the run is: say so on each card."""
    tree = Approval.objects.filter(execution=Approval.Execution.EXECUTING).select_related("entry__workroom")
    done = root.state == Run.State.FINISHED
    for approval in tree.filter(run=root) | tree.filter(run__root=root):
        approval.execution = Approval.Execution.EXECUTED if done else Approval.Execution.FAILED
        approval.save(update_fields=["execution"])
        tell_approval(approval, actor=None, event=f"approval.{approval.execution}")


def _log(run: Run) -> None:
    record(
        f"run.{run.state}",
        actor=None,
        on_behalf_of=run.requester,
        ledger=run.workroom_id,
        object=f"run:{run.id}",
        run=run.root_id_or_own,
        payload={"reason": run.reason, "result": run.result, "child": run.parent_id is not None},
    )
