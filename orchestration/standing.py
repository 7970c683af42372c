"""What stands behind a turn: its team's plan, its agent's grants, the person's permissions, the task's objects."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from accounts.authority.decide import Act, Granted, Standing
from accounts.identity import Credential, prove
from accounts.relations import permissions_of
from orchestration.models import Run, TeamVersion, Turn
from orchestration.teams.grants import Grant
from orchestration.teams.plan import AgentPlan, TeamPlan, plan
from orchestration.tools.context import Context
from orchestration.tools.given import task_of
from orchestration.values.digests import digest
from workrooms.actions.rules import book_of


@lru_cache(maxsize=256)
def _planned(version_id: UUID, under: str) -> TeamPlan:
    definition = TeamVersion.objects.values_list("definition", flat=True).get(pk=version_id)
    return plan(definition, under)


def plan_of(run: Run) -> TeamPlan:
    """Return the plan of the team that `run` runs."""
    found = _planned(run.version_id, run.under)
    return _within(found, run.path) if run.path else found


def _within(team: TeamPlan, key: str) -> TeamPlan:
    for member in team.members:
        if member.team is not None and key == member.key:
            return member.team
        if member.team is not None and key.startswith(f"{member.key}."):
            return _within(member.team, key)
    raise LookupError(f"{team.name} has no team at {key}.")


def agent_plan(run: Run, name: str) -> AgentPlan:
    """Return what the team says of its agent `name`."""
    return plan_of(run).agents[name]


@lru_cache(maxsize=1024)
def _grants(version_id: UUID, under: str, name: str) -> Mapping[str, Granted]:
    return granted(_planned(version_id, under).agents[name].grants)


def grants_of(run: Run, name: str) -> Mapping[str, Granted]:
    """Return what the agent `name` of the run's team may use."""
    return _grants(run.version_id, run.under, name)


def granted(grants: tuple[Grant, ...]) -> Mapping[str, Granted]:
    """Put the lines of `tools:` together, tool by tool; a line without a target makes the whole tool free."""
    by_tool: dict[str, list[Grant]] = {}
    for grant in grants:
        by_tool.setdefault(grant.tool, []).append(grant)
    return {
        tool: Granted(
            targets=None
            if any(line.target is None for line in lines)
            else frozenset(str(line.target) for line in lines),
            columns={line.target: frozenset(line.columns) for line in lines if line.target and line.columns},
        )
        for tool, lines in by_tool.items()
    }


def proven(run: Run, turn: Turn) -> Credential:
    """Let the turn's agent prove who it is for this attempt. Raises NotProven."""
    assert turn.user is not None
    return prove(
        turn.user,
        person=run.requester,
        room=run.workroom,
        run=run.root_id_or_own,
        turn=turn.id,
        lease=turn.attempt,
        scope=digest(run.scope),
    )


def lost_rights(run: Run, turn: Turn, credential: Credential | None = None) -> str:
    """Return what a turn under way has lost of what it stands on, as people read it; "" while it stands.

    With the credential, whether that still holds is looked at too.
    """
    if turn.user is None or "view" not in permissions_of(turn.user, run.workroom):
        return f"{turn.agent} is no longer a participant of this room"
    if "view" not in permissions_of(run.requester, run.workroom):
        return f"{run.requester.name}, for whom {turn.agent} works, is no longer a participant of this room"
    if credential and not credential.holds(turn=turn.id, lease=turn.attempt, epoch=run.workroom.epoch):
        return f"{turn.agent} has not proved who it is, or was taken its identity"
    return ""


def standing_of(context: Context, act: Act) -> Standing:
    """Return the standing of one turn for an act now: what is taken from the person or the agent counts at once."""
    turn, credential = context.turn, context.credential
    holds = credential is not None and credential.holds(turn=turn.id, lease=turn.attempt, epoch=context.room.epoch)
    foreseen = foreseen_standing(context, act)
    return replace(foreseen, enrolled=foreseen.enrolled and holds)


def foreseen_standing(context: Context, act: Act) -> Standing:
    """Return the standing that a turn would have: nobody has proved anything yet, because nothing runs."""
    permissions = permissions_of(context.person, context.room)
    enrolled = "view" in permissions_of(context.agent, context.room)
    grants, objects = grants_of(context.run, context.turn.agent), frozenset(context.run.scope)
    return Standing(permissions, grants, objects, task_of(context, act), book_of(context.room), enrolled)
