"""One agent's go: its brain and its tools, until it answers, fails or has to ask."""

import logging
import time
from copy import deepcopy
from dataclasses import replace
from typing import Any

from django.db import InterfaceError, OperationalError

from accounts.identity import NotProven
from orchestration.attempts import Attempt, faults, note_pace
from orchestration.brains.assignment import Assignment, ToolDenied, ToolFailed, Tools
from orchestration.contracts import validate
from orchestration.limits.breakers import OutOfUse
from orchestration.limits.budgets import OverLimit
from orchestration.limits.later import Later
from orchestration.models import Run
from orchestration.outcomes import Answered, Failed, Halted, Looped, Outcome, Postponed, Questioned, Unclear, Withdrawn
from orchestration.procedures import PROCEDURES
from orchestration.purposes import SCRIPT
from orchestration.tools.toolbox import Ambiguous, Asked, Diverged, Looping, Toolbox
from orchestration.turns import Claim, Stopping, Superseded

logger = logging.getLogger(__name__)


def take_turn(claim: Claim) -> Outcome:
    """Let the turn's agent work and say how it ended. Touches the database only in short units of work."""
    try:
        attempt = _prepared(claim)
        if mistakes := validate(attempt.agent.input_schema, attempt.assignment.input):
            return Failed(f"What {attempt.agent.name} was given does not fit its input contract.", mistakes, own=False)
        return _work(attempt)
    except (Superseded, Stopping):
        return Withdrawn()
    except Ambiguous as ambiguous:
        return Unclear(ambiguous.call_id, str(ambiguous))
    except Asked as asked:
        return Questioned(asked.call_id, str(asked))
    except OverLimit as limit:
        return Halted(str(limit), limit.short)
    except Later as later:
        return Postponed(str(later), later.seconds)
    except Looping as loop:
        return Looped(str(loop))
    except (NotProven, OutOfUse, ToolFailed) as failure:
        return Failed(str(failure), own=False)
    except (ToolDenied, Diverged) as failure:
        return Failed(str(failure))


def _prepared(claim: Claim) -> Attempt:
    if isinstance(claim.prepared, Exception):
        raise claim.prepared
    attempt: Attempt = claim.prepared
    return attempt


def _work(attempt: Attempt) -> Outcome:
    if attempt.agent.brain.kind == "model":
        from orchestration.model_turns.loop import converse

        return converse(attempt)
    try:
        return _proceed(attempt)
    except (ToolDenied, ToolFailed, Diverged, Ambiguous, Asked, Looping, Superseded, Stopping, OverLimit, Later):
        raise
    except (OperationalError, InterfaceError):
        raise  # the database went away: no fault of the agent's, the turn is taken up again when its lease is over
    except Exception as error:
        logger.exception("Procedure %s failed in turn %s", attempt.agent.brain.procedure, attempt.claim.turn_id)
        return Failed(f"The procedure {attempt.agent.brain.procedure} broke: {type(error).__name__}: {error}")


def _proceed(attempt: Attempt) -> Outcome:
    """Let a procedure answer; a broken answer is repaired once, with what is wrong with it shown."""
    tools = Toolbox(attempt.claim, attempt.context)
    output = _asked(attempt, attempt.assignment, tools)
    if mistakes := faults(attempt, output):
        again = replace(attempt.assignment, previous=output, complaints=tuple(mistakes))
        output = _asked(attempt, again, tools)
        mistakes = faults(attempt, output)
    if mistakes and attempt.context.run.root_or_own.pretends == Run.Pretence.REHEARSAL:
        return Failed(
            f"What {attempt.agent.name} says in this rehearsal breaks its own contract or checks: {mistakes[0]} "
            f"That says nothing about the team: write lines that pass under “{SCRIPT}” in its instructions.",
            mistakes,
        )
    if mistakes:
        return Failed(f"The answer of {attempt.agent.name} breaks its contract, also after one repair.", mistakes)
    return Answered(output)


def _asked(attempt: Attempt, assignment: Assignment, tools: Tools) -> dict[str, Any]:
    """Ask a procedure. What it is given is its own: nothing it does to that reaches the turns from which it came."""
    name = attempt.agent.brain.procedure
    own = replace(assignment, input=deepcopy(assignment.input), results=deepcopy(assignment.results))
    began = time.monotonic()
    try:
        return PROCEDURES[name](own, tools)
    finally:
        note_pace(name, time.monotonic() - began)
