"""What a call comes to: closed, denied or waiting for people, each time kept in its row and logged."""

import time
from typing import Any

from accounts.authority.decide import Decision
from accounts.ledger.record import record
from orchestration.limits.loops import Called, same_call
from orchestration.limits.quarantine import quarantine_if_hijacked
from orchestration.models import Approval, ToolCall
from orchestration.standing import plan_of
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.context import Context, Performed

A_TRY = 1_000  # numbers of the calls and responses of one try of a turn; the next try has numbers of its own


def deny(context: Context, call: ToolCall, object: str, payload: dict[str, Any], reason: str) -> None:
    """Close the call as denied; the event carries the decision."""
    call.state, call.error = ToolCall.State.DENIED, reason
    call.save(update_fields=["state", "error", "decision"])
    log("authority.denied", context, call, {"tool": call.tool, "object": object, **payload})
    quarantine_if_hijacked(context.room, context.turn)


def wait(context: Context, call: ToolCall, object: str, decision: Decision) -> None:
    """Let the call wait until people have said whether it may be made."""
    call.state, call.error = ToolCall.State.WAITING, decision.reason
    call.save(update_fields=["state", "error", "decision"])
    log("authority.asked", context, call, {"tool": call.tool, "object": object, **decision.as_payload()})


def is_approved(call: ToolCall) -> bool:
    """True when people approved this very call: its tool and arguments cannot have changed, its row binds them."""
    approved = Approval.objects.filter(turn_id=call.turn_id, state=Approval.State.APPROVED)
    return bool(approved.filter(action__act="call", action__call=str(call.id), action__digest=call.digest).exists())


def close(
    context: Context, call: ToolCall, state: ToolCall.State, started: float, performed: Performed | None, error: str
) -> None:
    """Close the call with what came of it; `started` is by the monotonic clock."""
    call.state, call.error = state, error
    call.result = performed.result if performed else None
    call.saw = performed.saw if performed else ""
    call.milliseconds = round((time.monotonic() - started) * 1000)
    call.save(update_fields=["state", "error", "result", "saw", "milliseconds", "decision"])
    kind = TOOLS[call.tool].event if performed else f"tool.{state}"
    log(kind, context, call, {"tool": call.tool, **(performed.logged if performed else {"error": error})})


def log(kind: str, context: Context, call: ToolCall, payload: dict[str, Any]) -> None:
    """Log something of the call in the room's ledger, with a digest of its arguments and the try of its turn."""
    record(
        kind,
        actor=context.agent,
        on_behalf_of=context.person,
        ledger=context.room.id,
        object=f"call:{call.id}",
        run=context.run.root_id_or_own,
        turn=context.turn.id,
        decision=call.decision,
        payload={**payload, "arguments": call.digest, "try": call.response // A_TRY},
    )


def goes_round(context: Context, call: ToolCall) -> str:
    """Return what is seen when this new call was made before, too often, with the same outcome each time; else ""."""
    repeats = plan_of(context.run).limits.repeats
    first = context.turn.tries * A_TRY
    if call.response - first + call.position <= repeats:
        return ""
    mine = ToolCall.objects.filter(turn_id=call.turn_id, response__gte=first, digest=call.digest).exclude(pk=call.pk)
    made: list[Called] = []
    for earlier in mine.order_by("response", "position"):
        replayed = earlier.state == ToolCall.State.PROPOSED and made
        outcome = made[-1].outcome if replayed else f"{earlier.state} {earlier.error} {earlier.result}"
        made.append(Called(earlier.digest, outcome))
    if not same_call(made, call.digest, repeats):
        return ""
    return f"{context.turn.agent} used {call.tool} with the same arguments {repeats} times, with the same outcome."
