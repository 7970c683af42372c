"""Taking a turn of a run again. What came after it is set aside, never deleted; what was sent is not sent again."""

import math
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.errors import Conflict
from accounts.ledger.record import record
from accounts.models import User
from orchestration.actions.forking import fork_run
from orchestration.intervening.order import around, came_after, standing_turns, with_verifiers
from orchestration.models import Approval, Budget, Run, Turn
from orchestration.queue import enqueue
from orchestration.telling import tell_approval, tell_run
from orchestration.turns import heal_time

OVER = (Turn.State.FINISHED, Turn.State.SKIPPED)


def retry_turn(run: Run, turn: Turn, *, actor: User) -> Run:
    """Let a failed or stopped root run go on from one of its turns, which is taken again with all that came after it.

    Whatever did not come to an answer is taken again, too. What people approved before that turn stands. What was set
    aside stays spent, and the run's limits are raised by as much. A finished run stays as it is: a new one takes over
    what came before that turn. Returns the run that goes on. Raises Conflict for a run that is not over.
    """
    if run.state == Run.State.FINISHED:
        return fork_run(run, turn, actor=actor, again=True)
    nested = list(Run.objects.select_for_update(no_key=True).filter(root=run).order_by("id"))
    row: Run = Run.objects.select_for_update(of=("self",), no_key=True).select_related(
        "workroom__organization", "requester", "version__team", "headline", "thread", "batch", "budget"
    ).get(pk=run.pk)  # fmt: skip
    if row.state not in (Run.State.FAILED, Run.State.STOPPED):
        raise Conflict(f"Run {row.number} is {row.state}: only when it is over, a turn is taken again.")
    if any(not one.ended for one in nested):
        raise Conflict(f"Parts of run {row.number} are still stopping. Try again in a moment.")
    aside: list[Turn] = []
    for level, taken in around(turn):
        aside += _retaken(level, taken, again=taken.pk == turn.pk)
    before = row.reason
    record("run.retried", actor=actor, ledger=row.workroom_id, object=f"run:{row.id}", run=row.id, turn=turn.id,
           payload={"agent": turn.agent, "turn": turn.number, "set_aside": len(aside), "before": before})  # fmt: skip
    _renew_budget(row, set_aside(row, aside, actor), actor)
    for level, taken in around(turn):
        _reopen(row if level.pk == row.pk else level, taken, again=taken.pk == turn.pk)
    _take_up_approvals(row)
    tell_run(row)
    return row


def _retaken(run: Run, turn: Turn, again: bool) -> list[Turn]:
    turns = standing_turns(run)
    after = {one.pk for one in came_after(run, turns, turn)}
    own = {one.pk for one in with_verifiers(turns, [turn])} if again else set()
    return [one for one in turns if one.pk in own or one.pk in after or (one.state not in OVER and one.pk != turn.pk)]


def set_aside(root: Run, turns: Iterable[Turn], actor: User) -> list[Turn]:
    """Take turns out of a run's course, and those of the runs nested in them; return all of them.

    They stay readable, and count no more.
    """
    taken_out: list[Turn] = []
    for turn in turns:
        before = turn.state
        turn.state, turn.member = Turn.State.SUPERSEDED, turn.aside
        turn.save(update_fields=["state", "member"])
        payload = {"agent": turn.agent, "was": before, "number": turn.number}
        record("turn.superseded", actor=actor, ledger=root.workroom_id, object=f"turn:{turn.id}", run=root.id,
               turn=turn.id, payload=payload)  # fmt: skip
        taken_out.append(turn)
        for nested in Run.objects.filter(parent=turn):
            taken_out += set_aside(root, standing_turns(nested), actor)
    return taken_out


def _renew_budget(root: Run, aside: list[Turn], actor: User) -> None:
    """Let the run spend again what went into turns that were set aside: its limits are raised by it.

    What was spent stays counted, in the run, the room and the organization.
    """
    if not aside:
        return
    again = {
        "turns": sum(turn.replayed_from_id is None for turn in aside),
        "tokens": sum(turn.tokens for turn in aside),
        "microcents": sum(turn.microcents for turn in aside),
    }
    Budget.objects.filter(run=root).update(**{f"{name}_cap": F(f"{name}_cap") + more for name, more in again.items()})
    again["seconds"] = _worked_on(root, aside)
    root.redone_seconds += again["seconds"]
    record("budget.renewed", actor=actor, ledger=root.workroom_id, object=f"run:{root.id}", run=root.id, payload=again)


def _worked_on(root: Run, aside: list[Turn]) -> int:
    """The seconds since the first of these turns began, at most those that count against the run's limit."""
    begun = [turn.started_at for turn in aside if turn.started_at is not None]
    if root.started_at is None or not begun:
        return 0
    end = root.waiting_since or root.finished_at or timezone.now()
    counted = end - root.started_at - timedelta(seconds=root.waited_seconds + root.redone_seconds)
    return max(0, math.ceil(min(counted, end - min(begun)).total_seconds()))


def _reopen(run: Run, turn: Turn, again: bool) -> None:
    """Let one run of the tree go on; for a nested one, its turn in the run around it is under way again."""
    if not again:
        Turn.objects.filter(pk=turn.pk).update(state=Turn.State.CLAIMED, output=None, error="", finished_at=None)
    if run.started_at is not None:
        since = run.waiting_since or run.finished_at or timezone.now()
        run.waited_seconds += int((timezone.now() - since).total_seconds())
    run.state, run.reason, run.result = Run.State.QUEUED, "", None
    run.finished_at, run.waiting_since, run.findings, run.heal_at = None, None, None, heal_time()
    run.save(update_fields=["state", "reason", "result", "finished_at", "findings", "waiting_since", "waited_seconds",
                            "redone_seconds", "heal_at", "updated_at"])  # fmt: skip
    enqueue(run)


def _take_up_approvals(root: Run) -> None:
    """What people approved, and could not be carried out because the run ended, is being carried out again."""
    failed = Approval.objects.filter(state=Approval.State.APPROVED, execution=Approval.Execution.FAILED)
    failed = failed.exclude(turn__state=Turn.State.SUPERSEDED).select_related("entry__workroom")
    for approval in failed.filter(run=root) | failed.filter(run__root=root):
        approval.execution = Approval.Execution.EXECUTING
        approval.save(update_fields=["execution"])
        tell_approval(approval, actor=None, event="approval.told")
