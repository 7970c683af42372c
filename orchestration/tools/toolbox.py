"""The tools of one turn: each call fenced, decided, journalled and logged; what was done is replayed, never redone."""

import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.authority.decide import decide
from accounts.authority.rulebook import Flow
from accounts.tenancy import unit_of_work
from orchestration.boundaries.flows import flow_of, note_reading
from orchestration.boundaries.held import note_written
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.contracts import validate
from orchestration.holding import held_turn
from orchestration.limits.later import patiently
from orchestration.models import ToolCall
from orchestration.standing import standing_of
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.context import Arguments, Context, Tool
from orchestration.tools.journal import A_TRY, close, deny, goes_round, is_approved, log, wait
from orchestration.tools.past import done_before
from orchestration.tools.pretending import is_pretended, pretend
from orchestration.tools.sharing import not_now
from orchestration.tools.sources import ColumnsRefused
from orchestration.tools.underway import close_outside, hold_while_underway, key_of
from orchestration.tools.webhook import Unknown
from orchestration.turns import Claim
from orchestration.values.digests import digest


class Looping(Exception):
    """The same call was made again and again, with the same outcome; the text says which."""


class Diverged(Exception):
    """A resumed turn asked for something else than it did before: its journal cannot be replayed."""


class Asked(Exception):
    """People have to say whether a call may be made."""

    def __init__(self, call_id: UUID, reason: str) -> None:
        super().__init__(reason)
        self.call_id = call_id


class Ambiguous(Exception):
    """An outward call may or may not have had its effect; a person has to say."""

    def __init__(self, call_id: UUID, reason: str) -> None:
        super().__init__(reason)
        self.call_id = call_id


@dataclass(slots=True)
class Toolbox:
    """Implements `Tools` for one claimed turn. Procedures call in order; a model's calls carry (response, position)."""

    claim: Claim
    context: Context
    position: int = 0

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Use `tool` as the next call of a procedure; raises ToolDenied, ToolFailed, Asked, Ambiguous, Looping."""
        self.position += 1
        return self.use(tool, arguments, self.context.turn.tries * A_TRY, self.position)

    def use(self, name: str, arguments: Arguments, response: int, position: int) -> dict[str, Any]:
        """Use tool `name` as call (response, position) of the turn, or replay what that call gave before.

        Raises Later when what it needs is shared and busy.
        """
        vars(self.context.turn).pop("used", None)
        return patiently(lambda: self._use(name, arguments, response, position))

    def _use(self, name: str, arguments: Arguments, response: int, position: int) -> dict[str, Any]:
        with unit_of_work(self.claim.organization_id):
            turn = held_turn(self.claim)
            context = replace(self.context, run=turn.run, turn=turn, room=turn.run.workroom, person=turn.run.requester)
            call = self._journal(context, name, arguments, response, position)
            context = replace(context, key=key_of(call))
            underway = _proceed(context, call)
        if underway:
            self._perform_outside(TOOLS[name], context, call)
        return _told(call)

    def _journal(self, context: Context, name: str, arguments: Arguments, response: int, position: int) -> ToolCall:
        seal = digest({"tool": name, "arguments": arguments})
        call: ToolCall
        call, made = ToolCall.objects.get_or_create(
            turn_id=self.claim.turn_id,
            response=response,
            position=position,
            defaults={
                "organization_id": self.claim.organization_id,
                "tool": name,
                "arguments": arguments,
                "digest": seal,
            },
        )
        if call.digest != seal:
            raise Diverged(f"Call {response}.{position} was {call.tool} before and is {name} with other arguments now.")
        if made and (seen := goes_round(self.context, call)):
            raise Looping(seen)
        earlier = done_before(context.run, call)
        if earlier is not None and made:
            log("tool.replayed", context, call, {"tool": name, "call": str(earlier.id), "turn": str(earlier.turn_id)})
        return earlier or call

    def _perform_outside(self, tool: Tool, context: Context, call: ToolCall) -> None:
        started = time.monotonic()
        performed, state, error = None, ToolCall.State.SUCCEEDED, ""
        try:
            performed = tool.perform(context, call.arguments)
        except ToolFailed as failure:
            state, error = ToolCall.State.FAILED, str(failure)
        except Unknown as unknown:
            state, error = ToolCall.State.AMBIGUOUS, str(unknown)
        close_outside(context, call, state, started, performed, error)


def _proceed(context: Context, call: ToolCall) -> bool:
    """Bring the call as far as it goes inside the transaction; True when it has to be performed outside now."""
    if call.state == ToolCall.State.EXECUTING:
        reason = "The worker stopped while this call was on its way."
        close(context, call, ToolCall.State.AMBIGUOUS, time.monotonic(), None, reason)
        return False
    if call.state != ToolCall.State.PROPOSED:
        return False
    if (flow := _begin(context, call)) is not None and call.state == ToolCall.State.PROPOSED:
        if is_pretended(context, call):
            pretend(context, call)
        else:
            _perform_here(TOOLS[call.tool], context, call, flow)
    return call.state == ToolCall.State.EXECUTING


def _begin(context: Context, call: ToolCall) -> Flow | None:
    """Decide the call: unusable and denied ones end here, what is asked waits, an outward one becomes executing."""
    tool = TOOLS.get(call.tool)
    mistakes = validate(tool.parameters, call.arguments) if tool else [f"There is no tool {call.tool}."]
    if tool is None or mistakes:
        close(context, call, ToolCall.State.FAILED, time.monotonic(), None, "; ".join(mistakes))
        return None
    try:
        act = tool.act(context, call.arguments)
    except (ToolDenied, ToolFailed) as refusal:
        state = ToolCall.State.DENIED if isinstance(refusal, ToolDenied) else ToolCall.State.FAILED
        close(context, call, state, time.monotonic(), None, str(refusal))
        return None
    flow = flow_of(context, tool, act)
    decision = decide(act, standing_of(context, act), flow)
    call.decision = decision.id
    if decision.outcome == "deny":
        deny(context, call, act.object, decision.as_payload(), decision.reason)
    elif decision.outcome == "ask" and not is_approved(call):
        wait(context, call, act.object, decision)
    elif busy := not_now(act.object, context.room):
        close(context, call, ToolCall.State.FAILED, time.monotonic(), None, busy)
    elif tool.kind == "outward" and not is_pretended(context, call):
        call.state = ToolCall.State.EXECUTING
        call.save(update_fields=["state", "decision"])
        hold_while_underway(context.turn)
        log("tool.started", context, call, {"tool": call.tool})
    return flow


def _perform_here(tool: Tool, context: Context, call: ToolCall, flow: Flow) -> None:
    started = time.monotonic()
    try:
        with transaction.atomic():
            performed = tool.perform(context, call.arguments)
    except ColumnsRefused as refusal:
        deny(context, call, call.tool, {"outcome": "deny", "reason": str(refusal)}, str(refusal))
    except ToolFailed as failure:
        close(context, call, ToolCall.State.FAILED, started, None, str(failure))
    else:
        close(context, call, ToolCall.State.SUCCEEDED, started, performed, "")
        if tool.kind == "read":
            note_reading(context, flow)
        elif "document" in performed.result:
            note_written(context.run, context.room, performed.result["document"])


def _told(call: ToolCall) -> dict[str, Any]:
    if call.state == ToolCall.State.SUCCEEDED:
        return dict(call.result or {})
    if call.state == ToolCall.State.DENIED:
        raise ToolDenied(call.error)
    if call.state == ToolCall.State.WAITING:
        raise Asked(call.id, call.error)
    if call.state == ToolCall.State.AMBIGUOUS:
        raise Ambiguous(call.id, call.error)
    raise ToolFailed(call.error)
