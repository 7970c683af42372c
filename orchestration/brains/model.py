"""A language model as an agent's brain: one request to one endpoint, streamed, that can be stopped.

One call of `request` is one HTTP request: the libraries' own retries are off, so every request passes budgets and
rates, and whether to ask again is the engine's decision.
"""

from collections.abc import Callable, Sequence
from typing import Any

from orchestration.brains.chat_completions import Received, stream_response
from orchestration.brains.conversation import Asked, Message, Offered, Schema, final_answer, read_response
from orchestration.brains.endpoint import EndpointConfig, Estimate, estimated_tokens, worst_case
from orchestration.brains.failures import BadResponse, ModelProblem, Stopped, put_off, understood
from orchestration.brains.streaming import Interrupted, OnDelta, drive
from orchestration.limits.buckets import Place


def request(
    endpoint: EndpointConfig,
    history: Sequence[Message],
    offered: Sequence[Offered],
    output_schema: Schema | None,
    *,
    on_delta: OnDelta,
    should_stop: Callable[[], bool],
    max_tokens: int,
    place: Place | None = None,
) -> Asked:
    """Ask the model once and return its whole response. With a `place` the request is written in its moment.

    `on_delta` gets the visible text as it arrives (with an output schema, the growing `summary` of the answer) and
    `should_stop` is asked several times a second, both on the caller's thread. Raises a ModelProblem (Stopped,
    Stalled, ModelUnavailable, BadResponse); whatever the callbacks raise passes through. However it ends, the
    connection is closed.
    """
    likely = worst_case(endpoint, history, offered, max_tokens, output_schema)
    received = Received()

    async def work(emit: OnDelta) -> Message:
        tools = [*offered, *final_answer(output_schema)]
        try:
            return await stream_response(endpoint, history, tools, max_tokens, received, emit, place)
        except Exception as error:
            problem, charged = put_off(error) or understood(error, endpoint)
            raise (_with_cost(problem, received, likely) if charged else problem) from None

    if should_stop():
        raise Stopped(f"Stopped before {endpoint.model} was asked.")
    try:
        message = drive(work, on_delta=on_delta, should_stop=should_stop)
    except Interrupted:
        stopped = Stopped(f"Stopped while {endpoint.model} was answering; its stream is closed.")
        raise _with_cost(stopped, received, likely) from None
    asked = read_response(_counted(message, received, likely), offered, output_schema)
    _refuse_unusable(asked, endpoint, max_tokens)
    return asked


def _with_cost(problem: ModelProblem, received: Received, likely: Estimate) -> ModelProblem:
    problem.text = received.text
    problem.tokens_in = likely.tokens_in
    problem.tokens_out = min(estimated_tokens(received.size), likely.tokens_out)
    return problem


def _counted(message: Message, received: Received, likely: Estimate) -> Message:
    """The message with tokens: those reported, or an estimate that says so, because unknown is never 0."""
    usage: dict[str, Any] = message["usage"]
    if usage["input_tokens"] or usage["output_tokens"]:
        return message
    tokens = {"input_tokens": likely.tokens_in, "output_tokens": estimated_tokens(received.size)}
    return {
        **message,
        "usage": {**usage, **tokens},
        "metadata": {**(message.get("metadata") or {}), "tokens_estimated": True},
    }


def _refuse_unusable(asked: Asked, endpoint: EndpointConfig, max_tokens: int) -> None:
    finish = asked.message.get("finish_reason")
    made = [part for part in asked.message["parts"] if part["part_kind"] == "tool-call"]
    if finish == "length":
        reason = f"was cut off at {max_tokens} tokens, before it was complete"
    elif finish == "content_filter":
        reason = "was withheld by the provider's content filter"
    elif not asked.text and not made:
        reason = "is empty"
    else:
        return
    problem = BadResponse(f"The answer of {endpoint.model} (endpoint {endpoint.slug}) {reason}.")
    problem.text, problem.tokens_in, problem.tokens_out = asked.text, asked.tokens_in, asked.tokens_out
    raise problem
