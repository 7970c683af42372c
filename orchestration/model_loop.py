"""A language model's go: ask, journal, use tools, ask again, until it answers within its contract."""

import time
from dataclasses import dataclass, field
from typing import Any

from accounts.ledger.record import record
from accounts.tenancy import unit_of_work
from orchestration.agent_loop import Go, faults
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.brains.conversation import Asked, Message, Offered, correction, read_response, replies
from orchestration.brains.endpoint import EndpointConfig, missing_endpoint_message, worst_case
from orchestration.brains.failures import ModelProblem, Stopped
from orchestration.brains.model import request
from orchestration.brains.prompt import opening, tool_result
from orchestration.brains.streaming import Coalescer
from orchestration.inference.endpoints import endpoint_for
from orchestration.limits.budgets import check_time, reserve, settle
from orchestration.models import ModelResponse, Turn
from orchestration.outcomes import Answered, Failed, Outcome, Withdrawn
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.toolbox import Toolbox
from orchestration.turns import Stopping, Superseded, held_turn, renew
from workrooms.broadcasts import broadcast_delta

MOST_RESPONSES = 24
A_TRY = 1_000
MOST_TOKENS_OUT = 4_096
WATCH_SECONDS = 1.0


@dataclass(slots=True)
class Talk:
    """One conversation: what was said, the tools offered, and how often the answer was sent back."""

    go: Go
    endpoint: EndpointConfig
    offered: list[Offered]
    history: list[Message]
    number: int = 0
    repairs: int = 0
    watched: float = field(default=0.0)
    lost: bool = False

    @property
    def schema(self) -> dict[str, Any] | None:
        return self.go.agent.output_schema or None


def converse(go: Go) -> Outcome:
    """Run the conversation of one turn; journalled responses and results are replayed, never asked for again.

    A new try (`on_failure: retry`, or a person said so) is a new conversation, with numbers of its own.
    """
    with unit_of_work(go.claim.organization_id):
        endpoint = endpoint_for(go.context.room.organization_id, go.agent.brain.endpoint)
    if endpoint is None:
        return Failed(missing_endpoint_message(go.agent.name, go.agent.brain.endpoint or ""))
    offered = [Offered(tool.name, tool.description, tool.parameters) for tool in _offered(go)]
    first = go.context.turn.tries * A_TRY
    talk = Talk(go, endpoint, offered, opening(go.assignment, go.agent.role), first)
    while talk.number < first + MOST_RESPONSES:
        talk.number += 1
        try:
            asked = _next_response(talk)
        except Stopped as stopped:
            return Withdrawn(str(stopped))
        except ModelProblem as problem:
            return Failed(problem.reason)
        if (outcome := _take(talk, asked)) is not None:
            return outcome
    return Failed(f"{go.agent.name} did not come to an answer within {MOST_RESPONSES} responses.")


def _offered(go: Go) -> list[Any]:
    from orchestration.standing import grants_of
    from orchestration.tools.outward import target_of

    names = grants_of(go.context.run, go.agent.name)
    with unit_of_work(go.claim.organization_id):
        outward = target_of(go.context) is not None
    return [TOOLS[name] for name in sorted(names) if TOOLS[name].kind != "outward" or outward]


def _take(talk: Talk, asked: Asked) -> Outcome | None:
    if asked.calls:
        toolbox = Toolbox(talk.go.claim, talk.go.context)
        results = [_result(toolbox, call, talk.number, place) for place, call in enumerate(asked.calls, start=1)]
        talk.history += [asked.message, replies(asked, results)]
        return None
    output = asked.answer if talk.schema else {"summary": asked.text}
    mistakes = [asked.answer_error] if asked.answer_error else faults(talk.go, output or {})
    if not mistakes:
        return Answered(output or {})
    if talk.repairs:
        return Failed(f"The answer of {talk.go.agent.name} breaks its contract, also after one repair.", mistakes)
    talk.repairs += 1
    talk.history += [asked.message, correction(asked, "; ".join(mistakes))]
    return None


def _result(toolbox: Toolbox, call: Any, response: int, place: int) -> str:
    if call.error:
        return f"Not called. {call.error}"
    try:
        return tool_result(call.name, toolbox.use(call.name, call.arguments, response, place))
    except (ToolDenied, ToolFailed) as failure:
        return f"{'Refused' if isinstance(failure, ToolDenied) else 'Failed'}: {failure}"


def _next_response(talk: Talk) -> Asked:
    kept = _journalled(talk)
    if kept is not None:
        return read_response(kept, talk.offered, talk.schema)
    limit = min(MOST_TOKENS_OUT, talk.go.agent.limits.tokens or MOST_TOKENS_OUT)
    estimate = worst_case(talk.endpoint, talk.history, talk.offered, limit, talk.schema)
    with unit_of_work(talk.go.claim.organization_id):
        turn = held_turn(talk.go.claim)
        check_time(turn.run.root or turn.run)
        reserve(turn, estimate.tokens, estimate.microcents or 0)
    try:
        asked = _ask(talk, limit)
    except ModelProblem as problem:
        _book(talk, problem.tokens_in, problem.tokens_out, None, problem.reason)
        raise
    _book(talk, asked.tokens_in, asked.tokens_out, asked.message, "")
    return asked


def _journalled(talk: Talk) -> Message | None:
    with unit_of_work(talk.go.claim.organization_id):
        kept = ModelResponse.objects.filter(turn_id=talk.go.claim.turn_id, number=talk.number)
        found: Message | None = kept.values_list("message", flat=True).first()
        return found


def _ask(talk: Talk, limit: int) -> Asked:
    room, claim = talk.go.context.room, talk.go.claim
    stream = Coalescer(lambda text: broadcast_delta(room.id, claim.turn_id, talk.go.context.agent.name, text))

    def should_stop() -> bool:
        stream.tick()
        return _watch(talk)

    try:
        return request(
            talk.endpoint,
            talk.history,
            talk.offered,
            talk.schema,
            on_delta=stream.add,
            should_stop=should_stop,
            max_tokens=limit,
        )
    finally:
        stream.flush()


def _watch(talk: Talk) -> bool:
    """Once a second: renew the lease, and see whether the turn was lost or its run is to stop."""
    if time.monotonic() - talk.watched < WATCH_SECONDS:
        return talk.lost
    talk.watched = time.monotonic()
    try:
        with unit_of_work(talk.go.claim.organization_id):
            held_turn(talk.go.claim)
            talk.lost = not renew(talk.go.claim)
    except (Superseded, Stopping):
        talk.lost = True
    return talk.lost


def _book(talk: Talk, tokens_in: int, tokens_out: int, message: Message | None, problem: str) -> None:
    price = talk.endpoint.price
    cost = price.cost(tokens_in, tokens_out) if price else 0
    with unit_of_work(talk.go.claim.organization_id):
        turn = Turn.objects.select_related("run").get(pk=talk.go.claim.turn_id)
        settle(turn, tokens_in + tokens_out, cost)
        if message is not None:
            ModelResponse.objects.create(
                organization_id=turn.organization_id,
                turn=turn,
                number=talk.number,
                message=message,
                tokens=tokens_in + tokens_out,
                microcents=cost,
            )
        payload = {
            "model": talk.endpoint.model,
            "endpoint": talk.endpoint.slug,
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "microcents": cost if price else None,
            **({"problem": problem} if problem else {}),
        }
        context = talk.go.context
        record("model.called", actor=context.agent, on_behalf_of=context.person, ledger=context.room.id,
               object=f"turn:{turn.id}", run=turn.run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
