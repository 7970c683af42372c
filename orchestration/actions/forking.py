"""Beginning a run from a turn of another, with something changed."""

from accounts.errors import Conflict
from accounts.ledger.plain import plain
from accounts.models import User
from orchestration.actions.runs import announce, checked_goal, next_number
from orchestration.intervening.changes import Changes, documents_for, version_for
from orchestration.intervening.taking_over import Takeover
from orchestration.limits.budgets import open_budget
from orchestration.models import Run, Turn
from orchestration.queue import enqueue
from orchestration.standing import plan_of
from orchestration.starting import summarised, task_scope
from orchestration.turns import heal_time

NOTHING = Changes()


def fork_run(
    origin: Run,
    turn: Turn | None,
    *,
    actor: User,
    changes: Changes = NOTHING,
    again: bool = False,
    budget_cents: int | None = None,
) -> Run:
    """Begin a new run in the room that takes over the turns of `origin` up to `turn` (None: none), and goes on from
    there with the changes, for `actor` and with a budget of its own. With `again` that turn is not taken over.

    No tool is used and no model is asked again for what is taken over; a call that `origin` sent is not sent again.
    Raises Invalid for a change that cannot be made, Conflict for a turn without an answer or a looser team.
    """
    if origin.pretends == Run.Pretence.TRIAL:
        raise Conflict(f"Run {origin.number} keeps what a trial spent: it took no turns that one could go on from.")
    room, documents = origin.workroom, documents_for(origin, changes)
    version = version_for(origin, changes, actor)
    run = Run(
        organization_id=room.organization_id,
        workroom=room,
        version=version,
        number=next_number(room),
        requester=actor,
        goal=checked_goal(changes.goal or origin.goal),
        subject=origin.subject,
        input=plain(origin.input),
        documents=documents,
        scope=task_scope(room, version, documents, "document:*" in origin.scope),
        pretends=origin.pretends,
        forked_from=origin,
        forked=_told(turn, again, changes),
        heal_at=heal_time(),
    )
    run.save(force_insert=True)
    open_budget(run, plan_of(run).limits, budget_cents)
    announce(run, summarised(plan_of(run)))
    if turn is not None:
        Takeover(origin, run, turn, again, changes.output).carry_out()
    enqueue(run)
    return run


def _told(turn: Turn | None, again: bool, changes: Changes) -> dict[str, object]:
    known = {"turn": str(turn.id), "number": turn.number, "agent": turn.agent} if turn else {"turn": None}
    return {**known, "again": again, "changes": plain(changes.as_json())}
