"""One works at a time and hands on to whoever fits, with what that one needs to know; or to people.

A hand-over is an output `{"handoff": {"to": name | "people", "payload": {…}}}`; any other output is the result.
"""

from collections import Counter
from typing import Any

from orchestration.patterns.base import (
    PEOPLE,
    Ask,
    Finish,
    Go,
    Member,
    State,
    Step,
    ask_about_failure,
    begin_or_wait,
    named,
    step_of,
)


def next_step(state: State) -> Step:
    """The first member, then whoever it handed to with the payload as input (without one: what the giver was given).

    Handing back is allowed and counts. Where nobody fits, the cap is reached or people are meant, people are asked:
    they may name another receiver by editing the hand-over. If they agree, the receiver goes on, or there is none and
    what was handed over is the result.
    """
    if question := ask_about_failure(state):
        return question
    if not state.members:
        return Finish({})
    visits: Counter[Member] = Counter()
    giver: Go | None = None
    go = Go(state.members[0].key, state.members[0], state.input)
    while (reply := state.reply_to(go.step)) is not None:
        if reply.state != "finished":
            return _nobody(state, giver, f"{go.member.name} gave up, and nobody else was named.")
        handed = reply.output.get("handoff")
        if not isinstance(handed, dict):
            return Finish(reply.output)
        visits[go.member] += 1
        receiver = named(state.members, handed.get("to"))
        problem = _refusal(state, go, receiver, handed, visits.total())
        if receiver is None or problem:
            return _nobody(state, go, problem)
        payload = handed.get("payload")
        given = payload if isinstance(payload, dict) else go.input
        giver, go = go, Go(step_of(receiver, visits[receiver]), receiver, given)
    return begin_or_wait(state, go)


def _refusal(state: State, go: Go, to: Member | None, handed: dict[str, Any], count: int) -> str:
    """Why a hand-over goes to people, or "". Whom people agreed to may receive it, whatever the team says."""
    giver = go.member
    if handed.get("to") == PEOPLE:
        return f"{giver.name} hands this to people."
    agreed = (go.step, "route") in state.answered
    allowed = None if agreed or state.terms.handoffs is None else state.terms.handoffs.get(giver.name, ())
    if to is None or to == giver or (allowed is not None and to.name not in allowed):
        return f"{giver.name} hands this to {str(handed.get('to'))[:60]}, to whom it cannot be handed."
    if not agreed and count > state.terms.most_handoffs:
        return f"This was handed on {state.terms.most_handoffs} times without an end; now {giver.name} means {to.name}."
    return ""


def _nobody(state: State, giver: Go | None, problem: str) -> Step:
    """Ask people about the last hand-over; if they agree to it, what was handed over is the result."""
    reply = state.reply_to(giver.step) if giver is not None else None
    if giver is None or reply is None:
        return Finish({})
    if (giver.step, "route") not in state.answered:
        return Ask(f"{problem} Who goes on?", about=giver.step, act="route")
    handed = reply.output.get("handoff")
    payload = handed.get("payload") if isinstance(handed, dict) else None
    own = {name: value for name, value in reply.output.items() if name != "handoff"}
    return Finish({**own, **(payload if isinstance(payload, dict) else {})}, problem)
