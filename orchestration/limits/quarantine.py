"""Quarantine: an agent that is not trusted any more can do nothing until people let it work again."""

from accounts.errors import Conflict, NotFound
from accounts.identity import revoke_keys, rotate_key
from accounts.ledger.record import record
from accounts.models import User
from accounts.relations import grant, permissions_of, revoke
from orchestration.limits.resting import end_rest
from orchestration.models import Agent, ToolCall, Turn
from workrooms.models import Workroom

MOST_DENIALS = 10  # a turn in which the authority refused this much is more likely hijacked than mistaken


def quarantine_agent(room: Workroom, name: str, *, actor: User | None, reason: str) -> Agent:
    """Take an agent's identity and rights in the room: the next act of a turn under way is refused already.

    Runs go on where their team allows it to fail. Raises NotFound, Conflict when it is in quarantine already.
    """
    agent = _agent(room, name)
    if "view" not in permissions_of(agent.user, room):
        raise Conflict(f"{name} is in quarantine already.")
    revoke_keys(agent.user, room, actor=actor)
    revoke(actor, agent.user, room)
    record("agent.quarantined", actor=actor, ledger=room.id, object=agent.user.ledger_name,
           payload={"agent": name, "reason": reason[:500]})  # fmt: skip
    return agent


def release_agent(room: Workroom, name: str, *, actor: User) -> Agent:
    """Let an agent work again: out of its rest after failures, or out of quarantine with a new key.

    Raises NotFound, Conflict when it is in neither.
    """
    agent = _agent(room, name)
    if "view" in permissions_of(agent.user, room):
        if not end_rest(agent, actor=actor):
            raise Conflict(f"{name} is not in quarantine, and does not rest.")
        return agent
    rotate_key(agent.user, actor=actor)
    grant(actor, agent.user, "agent", room)
    record("agent.released", actor=actor, ledger=room.id, object=agent.user.ledger_name, payload={"agent": name})
    return agent


def quarantined(room: Workroom) -> list[str]:
    """Return the names of the room's agents that may do nothing."""
    agents = Agent.objects.filter(workroom=room).select_related("user").order_by("name")
    return [agent.name for agent in agents if "view" not in permissions_of(agent.user, room)]


def quarantine_if_hijacked(room: Workroom, turn: Turn) -> bool:
    """Quarantine the turn's agent when the authority refused too much of what it tried; True if it did."""
    denied = ToolCall.objects.filter(turn=turn, state=ToolCall.State.DENIED).count()
    if denied < MOST_DENIALS or turn.user is None or "view" not in permissions_of(turn.user, room):
        return False
    reason = f"The authority refused {denied} acts of it in one turn."
    quarantine_agent(room, turn.agent, actor=None, reason=reason)
    return True


def _agent(room: Workroom, name: str) -> Agent:
    agent: Agent | None = Agent.objects.select_related("user", "workroom").filter(workroom=room, name=name).first()
    if agent is None:
        raise NotFound(f"There is no agent {name} in {room.name}.")
    return agent
