"""Starting and stopping runs."""

from typing import Any

from django.db.models import F

from accounts.authority.labels import Label
from accounts.bounds import writer
from accounts.errors import Conflict, Invalid
from accounts.ledger.plain import plain
from accounts.ledger.record import record
from accounts.models import User
from orchestration.boundaries.held import note_read
from orchestration.boundaries.reading import OUTSIDE
from orchestration.limits.budgets import open_budget
from orchestration.models import Batch, Run, Team
from orchestration.queue import enqueue
from orchestration.standing import plan_of
from orchestration.starting import summarised, task_scope
from orchestration.telling import headline_context
from orchestration.turns import heal_time
from workrooms.actions.entries import post_entry
from workrooms.models import Document, Message, Workroom
from workrooms.stored import stored_html

LONGEST_GOAL = 4_000
FROM_OUTSIDE = Label("public", frozenset({OUTSIDE}))


def start_run(
    room: Workroom,
    *,
    actor: User,
    team: Team,
    goal: str,
    input: dict[str, Any] | None = None,
    documents: list[Document] | None = None,
    budget_cents: int | None = None,
    message: Message | None = None,
    batch: Batch | None = None,
    row_key: str | None = None,
    subject: str = "",
) -> Run:
    """Start one run of the team's version in force, for `actor`. Its work begins after the commit.

    With `message` (what a person wrote) the answer goes into that message's thread, and the agents may read all the
    documents of the room unless `documents` names some. Raises Invalid, Conflict.
    """
    if team.published is None:
        raise Conflict(f"{team.name} has no published version yet. Publish its draft first.")
    text = checked_goal(goal)
    references = [_reference(document) for document in documents or []]
    whole_room = message is not None and not references
    run = Run(
        organization_id=room.organization_id,
        workroom=room,
        version=team.published,
        number=next_number(room),
        requester=actor,
        through=None if writer(actor) == actor else writer(actor),
        goal=text,
        subject=(subject or ", ".join(reference["name"] for reference in references) or text)[:200],
        input=plain(input or {}),
        documents=references,
        scope=task_scope(room, team.published, references, whole_room),
        thread=message.thread or message if message else None,
        batch=batch,
        row_key=row_key,
        heal_at=heal_time(),
    )
    run.save(force_insert=True)
    _set_out(run, budget_cents)
    return run


def _set_out(run: Run, budget_cents: int | None) -> None:
    open_budget(run, plan_of(run).limits, budget_cents)
    if run.through is not None:
        note_read(run, FROM_OUTSIDE)
    announce(run, summarised(plan_of(run)))
    enqueue(run)


def checked_goal(goal: str) -> str:
    """Return a goal as it is kept. Raises Invalid for one that is empty or too long."""
    text = goal.strip()
    if not text or len(text) > LONGEST_GOAL or "\0" in text:
        expected = f"A run needs a goal of 1 to {LONGEST_GOAL} characters without NUL."
        raise Invalid(expected, [("goal", "cannot be used")])
    return text


def _reference(document: Document) -> dict[str, Any]:
    return {"id": str(document.id), "name": document.name, "revision": document.revision}


def next_number(room: Workroom) -> int:
    """Return the number of the room's next run."""
    Workroom.objects.filter(pk=room.pk).update(runs_started=F("runs_started") + 1)
    return int(Workroom.objects.values_list("runs_started", flat=True).get(pk=room.pk))


def announce(run: Run, limits: dict[str, Any]) -> None:
    """Say in the room that a new root run has begun, and keep its headline; in a thread or batch it is only logged."""
    payload = {
        "team": run.version.team.slug,
        "version": run.version.number,
        "goal": run.goal,
        "documents": run.documents,
        "scope": run.scope,
        "limits": limits,
        **({"forked_from": str(run.forked_from_id), "forked": run.forked} if run.forked_from_id else {}),
        **({"pretends": run.pretends} if run.pretends else {}),
    }
    if run.thread is not None or run.batch is not None:
        record("run.started", actor=run.requester, ledger=run.workroom_id, object=f"run:{run.id}", run=run.id,
               payload=payload)  # fmt: skip
        return
    html = stored_html("headline.jinja", headline_context(run))
    run.headline = run.thread = post_entry(
        run.workroom,
        actor=None,
        html=html,
        kind=Message.Kind.RUN,
        event="run.started",
        payload=payload,
        object=f"run:{run.id}",
        on_behalf_of=run.requester,
        body=run.goal,
        run=run.id,
        about={"note": f"for {run.requester.name}, through {run.through.name}"} if run.through else None,
    )
    run.save(update_fields=["headline", "thread"])


def stop_run(run: Run, *, actor: User) -> Run:
    """Ask a run to stop: checked before every model and tool call, and a stream under way is closed."""
    row: Run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.root_id_or_own)
    if row.ended:
        raise Conflict(f"Run {row.number} is over: {row.state}.")
    if row.state != Run.State.STOPPING:
        row.state, row.reason, row.heal_at = Run.State.STOPPING, f"Stopped by {actor.name}", heal_time()
        row.save(update_fields=["state", "reason", "heal_at", "updated_at"])
        record("run.stopping", actor=actor, ledger=row.workroom_id, object=f"run:{row.id}", run=row.id)
    for open_run in Run.objects.filter(root=row).exclude(state__in=Run.ENDED):
        enqueue(open_run)
    enqueue(row)
    return row


def stop_all(room: Workroom, *, actor: User) -> int:
    """Stop every run of the room; return how many were asked to."""
    runs = list(Run.objects.filter(workroom=room, parent=None).exclude(state__in=Run.ENDED).order_by("id"))
    for run in runs:
        stop_run(run, actor=actor)
    return len(runs)
