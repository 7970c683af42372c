"""One agent's go: its brain and its tools, until it answers, fails or has to ask."""

import json
import logging
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from accounts.identity import NotProven
from accounts.tenancy import unit_of_work
from orchestration.brains.assignment import Assignment, DocumentRef, ToolDenied, ToolFailed
from orchestration.contracts import check, validate
from orchestration.holding import held_turn
from orchestration.limits.budgets import OverLimit
from orchestration.models import Run, Turn
from orchestration.outcomes import Answered, Failed, Halted, Looped, Outcome, Questioned, Unclear, Withdrawn
from orchestration.patterns.base import times_before
from orchestration.procedures import PROCEDURES
from orchestration.purposes import WORK, asked_for
from orchestration.standing import agent_plan, plan_of, proven
from orchestration.teams.plan import AgentPlan
from orchestration.tools.context import Context
from orchestration.tools.toolbox import Ambiguous, Asked, Diverged, Looping, Toolbox
from orchestration.turns import Claim, Stopping, Superseded

LONGEST = 200_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Go:
    """Everything one attempt at a turn works with."""

    claim: Claim
    agent: AgentPlan
    assignment: Assignment
    context: Context


def take_turn(claim: Claim) -> Outcome:
    """Let the turn's agent work and say how it ended. Touches the database only in short units of work."""
    try:
        with unit_of_work(claim.organization_id):
            go = _prepare(held_turn(claim))
        if mistakes := validate(go.agent.input_schema, go.assignment.input):
            return Failed(f"What {go.agent.name} was given does not fit its input contract.", mistakes)
        return _work(go)
    except (Superseded, Stopping):
        return Withdrawn()
    except Ambiguous as ambiguous:
        return Unclear(ambiguous.call_id, str(ambiguous))
    except Asked as asked:
        return Questioned(asked.call_id, str(asked))
    except OverLimit as limit:
        return Halted(str(limit))
    except Looping as loop:
        return Looped(str(loop))
    except (ToolDenied, ToolFailed, Diverged, NotProven) as failure:
        return Failed(str(failure))


def _work(go: Go) -> Outcome:
    if go.agent.brain.kind == "model":
        from orchestration.model_loop import converse

        return converse(go)
    try:
        return _proceed(go)
    except (ToolDenied, ToolFailed, Diverged, Ambiguous, Asked, Looping, Superseded, Stopping, OverLimit):
        raise
    except Exception as error:
        logger.exception("Procedure %s failed in turn %s", go.agent.brain.procedure, go.claim.turn_id)
        return Failed(f"The procedure {go.agent.brain.procedure} broke: {type(error).__name__}: {error}")


def _proceed(go: Go) -> Outcome:
    """Let a procedure answer; a broken answer is repaired once, with what is wrong with it shown."""
    procedure, tools = PROCEDURES[go.agent.brain.procedure], Toolbox(go.claim, go.context)
    output = procedure(go.assignment, tools)
    if mistakes := faults(go, output):
        output = procedure(replace(go.assignment, previous=output, complaints=tuple(mistakes)), tools)
        mistakes = faults(go, output)
    if mistakes:
        return Failed(f"The answer of {go.agent.name} breaks its contract, also after one repair.", mistakes)
    return Answered(output)


def faults(go: Go, output: dict[str, Any]) -> list[str]:
    """Return what is wrong with an output: its schema first, then the checks of the team."""
    return output_faults(go.agent, go.assignment.input, output)


def output_faults(agent: AgentPlan, given: dict[str, Any], output: dict[str, Any]) -> list[str]:
    """Return what is wrong with an output of `agent` that was given `given`."""
    if mistakes := validate(agent.output_schema, output):
        return mistakes
    if (length := len(json.dumps(output, default=str))) > LONGEST:
        return [f"It is {length:,} characters long; at most {LONGEST:,} are taken."]
    context = {"agent": agent.name, "input": given, "output": output}
    return [complaint for rule in agent.checks if (complaint := check(rule, context))]


def _prepare(turn: Turn) -> Go:
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
        messages=(f"{run.requester.name}: {run.goal}",),
        purpose=turn.purpose,
        asked=times_before(turn.member),
        previous=turn.output if turn.repairs else None,
        complaints=tuple(turn.findings) if turn.repairs else (),
    )
    return Go(claim, agent, assignment, context)


def earlier_results(run: Run) -> dict[str, dict[str, Any]]:
    """Return the outputs that count so far, by agent, of the whole run with all nested in it; the latest wins."""
    root = run.root_id_or_own
    over = Turn.objects.filter(Q(run=root) | Q(run__root=root), state=Turn.State.FINISHED, user__isnull=False)
    finished = over.filter(purpose__in=WORK)
    return dict(finished.order_by("finished_at").values_list("agent", "output"))
