"""One attempt at a turn: what an agent is given to work with, and what is wrong with what it gives back."""

import json
from dataclasses import dataclass, replace
from typing import Any

from accounts.identity import NotProven
from orchestration.brains.assignment import Assignment, DocumentRef
from orchestration.contracts import check, validate
from orchestration.limits.breakers import OutOfUse
from orchestration.limits.later import Later
from orchestration.limits.resting import check_rested
from orchestration.models import Run, Turn
from orchestration.patterns.base import times_before
from orchestration.purposes import WORK, asked_for
from orchestration.spoken import said_before, said_since
from orchestration.standing import agent_plan, plan_of, proven
from orchestration.teams.plan import AgentPlan
from orchestration.tools.context import Context
from orchestration.turns import Claim

LONGEST = 200_000
QUICK_SECONDS = 0.005
_paces: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Everything one attempt at a turn works with."""

    claim: Claim
    agent: AgentPlan
    assignment: Assignment
    context: Context


def begun(turn: Turn) -> Claim:
    """Hand out a claimed turn with what its holder works with; an agent that cannot prove itself, or rests after
    failures, learns it at work."""
    try:
        check_rested(turn)
        attempt = prepare(turn)
    except (NotProven, OutOfUse, Later) as refusal:
        return Claim(turn.organization_id, turn.run_id, turn.id, turn.attempt, refusal)
    return replace(attempt.claim, prepared=attempt)


def at_once(agent: AgentPlan) -> bool:
    """Whether an agent answers at once from what it is given: it asks no model and has no tools."""
    return agent.brain.kind != "model" and not agent.grants


def is_quick(agent: AgentPlan) -> bool:
    """Whether an agent answers at once, and its procedure took no time when this process asked it last."""
    return at_once(agent) and _paces.get(agent.brain.procedure, QUICK_SECONDS) < QUICK_SECONDS


def note_pace(procedure: str, seconds: float) -> None:
    """Remember how long a procedure took to answer."""
    _paces[procedure] = seconds


def prepare(turn: Turn) -> Attempt:
    """Gather what the holder of a claimed turn works with. Raises NotProven."""
    run = turn.run
    agent = asked_for(plan_of(run), agent_plan(run, turn.agent), turn.purpose, turn.input)
    assert turn.user is not None
    claim = Claim(run.organization_id, run.id, turn.id, turn.attempt)
    context = Context(run, turn, run.workroom, turn.user, run.requester, credential=proven(run, turn))
    assignment = Assignment(
        agent=agent.name,
        instructions=agent.instructions,
        goal=run.goal,
        input=turn.input,
        results=earlier_results(run),
        documents=tuple(DocumentRef(item["id"], item["name"], item["revision"]) for item in run.documents),
        messages=(*said_before(run), f"{run.requester.name}: {run.goal}"),
        said=said_since(run),
        purpose=turn.purpose,
        asked=times_before(turn.member),
        previous=turn.output if turn.repairs else None,
        complaints=tuple(turn.findings) if turn.repairs else (),
    )
    return Attempt(claim, agent, assignment, context)


def earlier_results(run: Run) -> dict[str, dict[str, Any]]:
    """Return the outputs that count so far, by agent, of the whole run with all nested in it; the latest wins."""
    counts = [
        turn
        for turn in (*run.elsewhere, *run.steps)
        if turn.state == Turn.State.FINISHED and turn.user_id is not None and turn.purpose in WORK
    ]
    in_order = sorted(counts, key=lambda turn: turn.finished_at or turn.created_at)
    return {turn.agent: turn.output or {} for turn in in_order}


def faults(attempt: Attempt, output: dict[str, Any]) -> list[str]:
    """Return what is wrong with an output: its schema first, then the checks of the team."""
    return output_faults(attempt.agent, attempt.assignment.input, output)


def output_faults(agent: AgentPlan, given: dict[str, Any], output: dict[str, Any]) -> list[str]:
    """Return what is wrong with an output of `agent` that was given `given`."""
    if mistakes := validate(agent.output_schema, output):
        return mistakes
    if (length := len(json.dumps(output, default=str))) > LONGEST:
        return [f"It is {length:,} characters long; at most {LONGEST:,} are taken."]
    context = {"agent": agent.name, "input": given, "output": output}
    return [complaint for rule in agent.checks if (complaint := check(rule, context))]
