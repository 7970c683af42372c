"""Rehearsing teams: a run that costs nothing and does nothing, in which every agent says a script."""

from accounts.errors import Conflict
from accounts.models import User
from orchestration.actions.runs import announce, checked_goal, next_number
from orchestration.actions.teams import bring_agents
from orchestration.actions.trying import readable_draft
from orchestration.intervening.changes import provisional_version
from orchestration.limits.budgets import open_budget
from orchestration.models import Run, Team
from orchestration.queue import enqueue
from orchestration.standing import plan_of
from orchestration.starting import summarised, task_scope
from orchestration.trials.parts import given_to, rehearsed
from orchestration.trials.under import make_versions_under
from orchestration.turns import heal_time

GOAL = "Rehearse what this team does."


def rehearse_team(team: Team, *, actor: User, goal: str = "", draft: bool = False) -> Run:
    """Start a rehearsal of the team in force, or of its draft: who has no script of its own says lines that fit its
    contract. Nothing is written, sent or paid for. Raises Conflict, Invalid."""
    if not draft and team.published is None:
        raise Conflict(f"{team.name} has no published version yet. Rehearse its draft.")
    known = team.published.definition if team.published is not None else {}
    definition = rehearsed(readable_draft(team) if draft else known)
    version = provisional_version(team, definition, actor, team.published, note="Rehearsal")
    bring_agents(team, definition, actor, only_new=True)
    room, text = team.workroom, checked_goal(goal or GOAL)
    run = Run(
        organization_id=room.organization_id,
        workroom=room,
        version=version,
        number=next_number(room),
        requester=actor,
        goal=text,
        subject=f"{team.name}, {'draft' if draft else 'rehearsed'}"[:200],
        input=given_to(definition),
        scope=task_scope(room, version, [], whole_room=True),
        pretends=Run.Pretence.REHEARSAL,
        heal_at=heal_time(),
    )
    run.save(force_insert=True)
    make_versions_under(run, definition, rehearsed, actor)
    open_budget(run, plan_of(run).limits)
    announce(run, summarised(plan_of(run)))
    enqueue(run)
    return run
