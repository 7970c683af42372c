"""Breakers of agents: one whose turns in a room failed too often in a row is given none for a while, by every worker.

Its teams go on without it as they say (`on_failure`). Once the rest is over one turn tries it for all. Which agents
rest is kept while the room's epoch stands, and every change moves that: a turn of one that works asks nothing.
"""

from functools import lru_cache
from uuid import UUID

import uuid_utils.compat as uuids
from django.db.models import Q

from accounts.models import User
from orchestration.boundaries.audience import is_private
from orchestration.limits.breakers import FAILURES, OutOfUse, check_in_use, let_out, note_failure, note_success
from orchestration.limits.later import Later
from orchestration.models import Agent, Breaker, Turn
from orchestration.standing import agent_plan
from workrooms.actions.entries import post_entry
from workrooms.models import Workroom
from workrooms.rendering import render_message

RESTS = (
    "**{name}** rests until {until:%H:%M} UTC: {failures} turns of it failed in a row. Teams go on without it as they "
    "say; then one turn tries whether it works. Who manages the room can let it work at once, under Authority."
)


def check_rested(turn: Turn) -> None:
    """Raise OutOfUse when the agent of a claimed turn rests; Later where its team tries again what failed.

    Once the rest is over, the first turn is let through.
    """
    if turn.user is None or not _rests(turn):
        return
    try:
        check_in_use(turn.user.ledger_name, "It")
    except OutOfUse as out:
        if agent_plan(turn.run, turn.agent).on_failure == "retry":
            raise Later(str(out), out.seconds) from out
        raise


def note_agent_answer(turn: Turn) -> None:
    """The agent of a turn gave a usable answer: if it rested, it works again."""
    if turn.user is not None and _rests(turn):
        note_success(turn.user.ledger_name, turn.agent)
        _move(turn.run.workroom)


def note_agent_failure(turn: Turn, reason: str, tries_again: bool) -> None:
    """A turn of an agent failed. It counts when its team no longer `tries_again`; FAILURES in a row make it rest."""
    if turn.user is None or turn.run.root_or_own.pretends:
        return
    rested, room = _rests(turn), turn.run.workroom
    if tries_again and not rested:
        return
    if _answered_since(turn):
        note_success(turn.user.ledger_name)
    told = "" if is_private(turn.run) else reason
    if not note_failure(turn.user.ledger_name, told, room, FAILURES, turn.agent):
        return
    _move(room)
    if not rested:
        _tell(turn)


def resting_agents(room: Workroom) -> dict[str, Breaker]:
    """Return the breakers of the room's agents that rest, by the agent's name."""
    held = {row.object: row for row in _open(room.id)}
    if not held:
        return {}
    agents = Agent.objects.filter(workroom=room).select_related("user").order_by("name")
    return {agent.name: held[agent.user.ledger_name] for agent in agents if agent.user.ledger_name in held}


def end_rest(agent: Agent, *, actor: User) -> bool:
    """Let an agent work at once; False when it does not rest."""
    ended = let_out(agent.user.ledger_name, actor=actor, name=agent.name)
    if ended:
        _move(agent.workroom)
    return ended


def _rests(turn: Turn) -> bool:
    room = turn.run.workroom
    return (
        turn.user is not None
        and not turn.run.root_or_own.pretends
        and turn.user.ledger_name in _resting(room.id, room.epoch)
    )


@lru_cache(maxsize=1024)
def _resting(room_id: UUID, _: UUID) -> frozenset[str]:
    """The ledger names of the agents that rest in this epoch of their room."""
    return frozenset(row.object for row in _open(room_id))


def _open(room_id: UUID) -> list[Breaker]:
    rows = Breaker.objects.filter(workroom=room_id, object__startswith="agent:")
    return list(rows.exclude(state=Breaker.State.CLOSED))


def _answered_since(turn: Turn) -> bool:
    """Whether a turn of the agent came to an answer since the first of the failures that are counted."""
    assert turn.user is not None
    counted = Breaker.objects.filter(object=turn.user.ledger_name, state=Breaker.State.CLOSED)
    since = counted.values_list("failing_since", flat=True).first()
    if since is None:
        return False
    finished = Q(state=Turn.State.FINISHED, finished_at__gt=since)
    shown = Q(state=Turn.State.WAITING, error="", output__isnull=False, last_activity_at__gt=since)
    own = Turn.objects.filter(finished | shown, user=turn.user, run__workroom=turn.run.workroom_id)
    return bool(own.filter(run__pretends="").exclude(pk=turn.pk).exists())


def _tell(turn: Turn) -> None:
    row = Breaker.objects.get(object=turn.user.ledger_name if turn.user else "")
    text = RESTS.format(name=turn.agent, until=row.retry_at, failures=row.failures)
    post_entry(turn.run.workroom, actor=None, html=render_message(text), body=text, event="agent.told",
               run=turn.run.root_id_or_own)  # fmt: skip


def _move(room: Workroom) -> None:
    room.epoch = uuids.uuid7()
    room.save(update_fields=["epoch"])
