"""A language model's go: ask, use tools, ask again, until it answers within its contract."""

from typing import Any

from accounts.tenancy import unit_of_work
from orchestration.attempts import Attempt, faults
from orchestration.boundaries.gate import Gate, gate_of
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.brains.awaited import answers
from orchestration.brains.conversation import Asked, Offered, correction, replies
from orchestration.brains.endpoint import missing_endpoint_message
from orchestration.brains.failures import ModelProblem, Stopped
from orchestration.brains.prompt import opening, tool_result
from orchestration.inference.endpoints import endpoint_for
from orchestration.limits.breakers import OutOfUse
from orchestration.model_turns.calls import Talk, next_response
from orchestration.outcomes import Answered, Failed, Outcome, Withdrawn
from orchestration.standing import grants_of
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.journal import A_TRY
from orchestration.tools.outward import target_of
from orchestration.tools.toolbox import Toolbox

MOST_RESPONSES = 24


def converse(attempt: Attempt) -> Outcome:
    """Run the conversation of one turn; journalled responses and results are replayed, never asked for again.

    A new try (`on_failure: retry`, or a person said so) is a new conversation, with numbers of its own.
    """
    if attempt.context.run.root_or_own.pretends and answers.get() is None:
        return Failed(f"{attempt.agent.name} would ask a model, and in a rehearsal or trial none is asked.")
    with unit_of_work(attempt.claim.organization_id):
        endpoint = endpoint_for(attempt.context.room.organization_id, attempt.agent.brain.endpoint)
        gate = gate_of(attempt.context) if endpoint else None
        assignment = gate.assignment(attempt.assignment) if gate and not gate.refusal else attempt.assignment
    if endpoint is None or gate is None:
        return Failed(missing_endpoint_message(attempt.agent.name, attempt.agent.brain.endpoint or ""), own=False)
    if gate.refusal:
        return Failed(gate.refusal, own=False)
    offered = [Offered(tool.name, tool.description, tool.parameters) for tool in _offered(attempt)]
    first = attempt.context.turn.tries * A_TRY
    talk = Talk(attempt, endpoint, offered, opening(assignment, attempt.agent.role), first, quiet=gate.private)
    while talk.number < first + MOST_RESPONSES:
        talk.number += 1
        try:
            asked = next_response(talk)
        except Stopped as stopped:
            return Withdrawn(str(stopped))
        except ModelProblem as problem:  # what may work later counts against its endpoint
            return Failed(problem.reason, own=not problem.retryable and not isinstance(problem.__cause__, OutOfUse))
        if (outcome := _take(talk, gate, asked)) is not None:
            return outcome
    return Failed(f"{attempt.agent.name} did not come to an answer within {MOST_RESPONSES} responses.")


def _offered(attempt: Attempt) -> list[Any]:
    names = grants_of(attempt.context.run, attempt.agent.name)
    with unit_of_work(attempt.claim.organization_id):
        outward = target_of(attempt.context) is not None
    return [TOOLS[name] for name in sorted(names) if TOOLS[name].kind != "outward" or outward]


def _take(talk: Talk, gate: Gate, asked: Asked) -> Outcome | None:
    if asked.calls:
        toolbox = Toolbox(talk.attempt.claim, talk.attempt.context)
        results = [_result(toolbox, gate, call, talk.number, place) for place, call in enumerate(asked.calls, start=1)]
        talk.history += [asked.message, replies(asked, results)]
        talk.quiet = gate.private
        return None
    output = gate.restored(asked.answer if talk.schema else {"summary": asked.text})
    mistakes = [asked.answer_error] if asked.answer_error else faults(talk.attempt, output or {})
    if not mistakes:
        return Answered(output or {})
    if talk.repairs:
        return Failed(f"The answer of {talk.attempt.agent.name} breaks its contract, also after one repair.", mistakes)
    talk.repairs += 1
    talk.history += [asked.message, correction(asked, "; ".join(mistakes))]
    return None


def _result(toolbox: Toolbox, gate: Gate, call: Any, response: int, place: int) -> str:
    if call.error:
        return f"Not called. {call.error}"
    organization = toolbox.claim.organization_id
    try:
        result = toolbox.use(call.name, gate.restored(call.arguments), response, place)
    except (ToolDenied, ToolFailed) as failure:
        with unit_of_work(organization):
            said = gate.text(str(failure))
        return f"{'Refused' if isinstance(failure, ToolDenied) else 'Failed'}: {said}"
    with unit_of_work(organization):
        return tool_result(call.name, gate.result(result))
