"""Beginning turns: charged to the run, logged, and for a nested team a run of its own."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from accounts.ledger.record import record
from accounts.tenancy import keep
from orchestration.limits.budgets import charge_turn
from orchestration.models import Agent, Run, Turn
from orchestration.patterns.base import Go
from orchestration.starting import start_child
from orchestration.teams.plan import MemberPlan, TeamPlan
from orchestration.values.digests import digest


def begin_steps(run: Run, team: TeamPlan, gos: tuple[Go, ...]) -> tuple[list[Turn], list[Run]]:
    """Begin these steps after the turns there are; return the turns, and the runs of those that are teams.

    Raises OverLimit.
    """
    turns, children = [], []
    for number, go in enumerate(gos, start=len(run.steps) + 1):
        place = team.places[go.member.key]
        turns.append(begin_turn(run, number, place, go.step, go.purpose, go.input, go.note))
        if place.kind != "agent":
            children.append(start_child(run, turns[-1], place))
    return turns, children


def begin_turn(
    run: Run, number: int, place: MemberPlan, step: str, purpose: str, given: dict[str, Any], note: str = ""
) -> Turn:
    """Begin one turn of `place`. `note` is what had to be put right for it. Raises OverLimit."""
    charge_turn(run.root_or_own)
    turn = Turn(
        organization_id=run.organization_id,
        run=run,
        number=number,
        member=step,
        agent=place.name,
        purpose=purpose,
        input=given,
        findings=[note] if note else [],
    )
    if place.kind == "agent":
        seat(turn, place.name)
    turn.used = []
    keep(turn)
    run.steps.append(turn)
    payload = {"agent": place.name, "member": step, "purpose": purpose, "given": digest(given)}
    payload |= {"note": note} if note else {}
    record("turn.started", actor=turn.user, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"turn:{turn.id}", run=run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
    return turn


def seat(turn: Turn, name: str) -> None:
    """Give a turn to the agent `name` of its room."""
    agent = _agent(turn.run.workroom_id, turn.run.workroom.epoch, name)
    turn.agent, turn.user, turn.brain = name, agent.user, agent.brain


@lru_cache(maxsize=1024)
def _agent(room_id: UUID, _: UUID, name: str) -> Agent:
    """The agent as it is in this epoch of its room."""
    agent: Agent = Agent.objects.select_related("user").get(workroom_id=room_id, name=name)
    return agent
