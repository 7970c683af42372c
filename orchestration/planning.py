"""A manager's plan as a document of the room: people read it, and change it by editing its tasks.

The document is written again whenever the plan or what came of it has changed. Where a person edited it, its tasks
become the plan; if the team has plans reviewed, a plan with other tasks is asked about again.
"""

import re
from collections.abc import Sequence
from typing import Any

from accounts.ledger.record import record
from orchestration.ending import supersede_questions
from orchestration.models import Run, Turn
from orchestration.purposes import PLAN
from orchestration.teams.plan import TeamPlan
from orchestration.values.schemas import validate
from workrooms.actions.documents import write_document
from workrooms.models import Revision

TASK = re.compile(r"\s*(?:\d+[.)]|[-*+])\s+(?:([A-Za-z][\w-]*):\s+)?(.*\S)\s*")
STATES = {Turn.State.FINISHED: "done", Turn.State.SKIPPED: "given up", Turn.State.FAILED: "failed"}


def keep_plan(run: Run, team: TeamPlan, turns: Sequence[Turn]) -> None:
    """Bring a manager's plan and its document together; in `turns` the plan is then as it is now."""
    if team.pattern != "manager":
        return
    plans = [turn for turn in turns if turn.purpose == "plan" and turn.state == Turn.State.FINISHED]
    writer = plans[-1].user if plans else None
    if writer is None:
        return
    planned, name = plans[-1], plan_name(run)
    revisions = Revision.objects.filter(document__workroom=run.workroom, document__name=name).select_related("author")
    latest = revisions.order_by("-number").first()
    if latest is not None and not latest.author.is_agent:
        _adopt(run, planned, latest)
    text = plan_text(run, planned, turns)
    if latest is None or latest.text != text:
        write_document(
            run.workroom, actor=writer, on_behalf_of=run.requester, name=name, text=text,
            run=run.root_id_or_own, turn=planned.id,
        )  # fmt: skip


def plan_name(run: Run) -> str:
    """Return the name of the document in which a run's plan is kept."""
    nested = f"-{(run.path or run.under).replace('.', '-')}" if run.parent is not None else ""
    return f"plan-{run.root_or_own.number}{nested}.md"


def plan_text(run: Run, planned: Turn, turns: Sequence[Turn]) -> str:
    """Return the plan as Markdown: what is to be done, and below it what was done."""
    output = planned.output or {}
    tasks = [f"{number}. {one['agent']}: {one['task']}" for number, one in enumerate(output.get("tasks", []), 1)]
    facts = [f"- {fact}" for fact in output.get("facts", [])]
    done = [
        f"- Turn {turn.number}, {turn.agent}: {turn.input.get('task') or 'the request'} ({over})"
        for turn in turns
        if turn.purpose == "work" and (over := STATES.get(Turn.State(turn.state)))
    ]
    parts = [f"# Plan: {run.goal.splitlines()[0][:120]}", "## Tasks", "\n".join(tasks)]
    parts += ["## Known", "\n".join(facts)] if facts else []
    parts += ["## Done", "\n".join(done) or "Nothing yet."]
    return "\n\n".join(parts) + "\n"


def tasks_of(text: str) -> list[dict[str, str]]:
    """Return the tasks that a plan's text lists under `## Tasks`."""
    section = re.split(r"(?m)^##\s+", text)
    listed = next((part for part in section if part.casefold().startswith("tasks")), "")
    found = (TASK.fullmatch(line) for line in listed.splitlines()[1:])
    return [{"task": match[2], "agent": match[1] or ""} for match in found if match]


def _adopt(run: Run, planned: Turn, revision: Revision) -> None:
    """Take over the tasks that a person wrote; an unreadable plan changes nothing."""
    changed: dict[str, Any] = {**(planned.output or {}), "tasks": tasks_of(revision.text)}
    if changed == planned.output or validate(PLAN, changed):
        return
    planned.output = changed
    planned.save(update_fields=["output"])
    record("plan.edited", actor=revision.author, ledger=run.workroom_id, object=f"turn:{planned.id}",
           run=run.root_id_or_own, turn=planned.id, payload={"tasks": changed["tasks"]})  # fmt: skip
    supersede_questions(planned, "plan")
