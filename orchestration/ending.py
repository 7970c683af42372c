"""How runs end: with a result, with a failure, or stopped with a reason."""

from typing import Any

from django.utils import timezone

from accounts.ledger.record import record
from orchestration.limits.budgets import release
from orchestration.models import Approval, Run, Turn
from orchestration.queue import enqueue
from orchestration.telling import tell_approval, tell_run


def end_run(run: Run, result: dict[str, Any]) -> None:
    """Finish `run` with `result`; for a child run that is the result of its turn in the parent."""
    run.result = result
    _end(run, Run.State.FINISHED, "")


def fail_run(run: Run, reason: str, stopped: bool = False) -> None:
    """End `run` without a result: failed, or stopped by a limit."""
    _end(run, Run.State.STOPPED if stopped else Run.State.FAILED, reason)


def halt_run(run: Run, reason: str) -> None:
    """Stop `run` and whatever is open in it; `reason` names the person, the limit, or that it is stuck."""
    _end(run, Run.State.STOPPED, reason)


def _end(run: Run, state: Run.State, reason: str) -> None:
    for turn in Turn.objects.filter(run=run, state__in=Turn.OPEN).select_related("run"):
        release(turn)
    Turn.objects.filter(run=run, state__in=Turn.OPEN).update(state=Turn.State.STOPPED, finished_at=timezone.now())
    for approval in Approval.objects.filter(run=run, state=Approval.State.OPEN).select_related("entry__workroom"):
        approval.state = Approval.State.SUPERSEDED
        approval.save(update_fields=["state"])
        tell_approval(approval, actor=None, event="approval.superseded")
    run.state, run.reason, run.finished_at, run.heal_at = state, reason[:500], timezone.now(), None
    run.save(update_fields=["state", "reason", "result", "finished_at", "heal_at", "updated_at"])
    if run.parent is not None:
        _answer_parent(run)
    else:
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
