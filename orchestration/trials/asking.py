"""A trial that really asks models: what is asked outside of the tries, and the answers that are kept."""

import time
from collections.abc import Callable
from typing import Any

from accounts.ledger.record import record
from accounts.tenancy import unit_of_work
from orchestration.brains.awaited import Message, Missing
from orchestration.brains.chat_completions import load_libraries
from orchestration.brains.conversation import Asked
from orchestration.brains.endpoint import worst_case
from orchestration.brains.failures import Busy, ModelProblem, Stopped
from orchestration.brains.model import request
from orchestration.limits.breakers import OutOfUse, check_in_use, note_failure, note_success
from orchestration.limits.buckets import queue_up
from orchestration.limits.budgets import OverLimit, settle
from orchestration.limits.later import Later
from orchestration.model_turns.calls import MOST_TOKENS_OUT, PAUSE_SECONDS, WATCH_SECONDS, Talk
from orchestration.models import Agent, ModelResponse, Run, ToolCall, Trial, Turn
from orchestration.trials.purse import new_turn, take_part
from orchestration.turns import heal_time
from orchestration.values.digests import digest

PATIENCE = 3  # times that a busy endpoint is asked again


class Unanswered(Exception):
    """A model was not asked, or gave no usable answer: the text says why."""


class Ended(Exception):
    """The trial was stopped meanwhile: nothing is asked any more."""


def answer_of(trial: Trial, place: int, talk: Talk) -> Message:
    """Return the answer that was asked for in the try at this place; raises Missing when it was not asked for yet."""
    kept = ModelResponse.objects.filter(turn__run=trial.run_id, turn__member=_key(place, talk), number=talk.number)
    found: Message | None = kept.values_list("message", flat=True).first()
    if found is None:
        root = talk.attempt.context.run.root_id_or_own
        calls = ToolCall.objects.filter(turn__run=root) | ToolCall.objects.filter(turn__run__root=root)
        seen = calls.filter(state=ToolCall.State.SUCCEEDED).exclude(saw="").order_by("id")
        raise Missing(talk, [f"{tool}: {saw}" for tool, saw in seen.values_list("tool", "saw")])
    return found


def ask_for(trial: Trial, place: int, missing: Missing) -> None:
    """Ask the model, outside of any transaction, and keep and book what it answers. Raises Unanswered, Ended."""
    talk: Talk = missing.talk
    limit = min(MOST_TOKENS_OUT, talk.attempt.agent.limits.tokens or MOST_TOKENS_OUT)
    turn = _reserved(trial, place, talk, limit)
    load_libraries()
    for left in range(PATIENCE, -1, -1):
        try:
            slot = queue_up(talk.endpoint.bucket) if talk.endpoint.bucket is not None else None
            asked = request(
                talk.endpoint, talk.history, talk.offered, talk.schema, on_delta=_unheard,
                should_stop=_watch(trial), max_tokens=limit, place=slot,
            )  # fmt: skip
        except (Busy, Later) as later:
            if left:
                time.sleep(min(getattr(later, "retry_after", None) or PAUSE_SECONDS, PAUSE_SECONDS))
                continue
            _book(trial, turn, missing, None, 0, 0, str(later))
            raise Unanswered(str(later)) from later
        except Stopped as stopped:
            _book(trial, turn, missing, None, stopped.tokens_in, stopped.tokens_out, stopped.reason)
            raise Ended from stopped
        except ModelProblem as problem:
            if problem.retryable:
                _note_failure(trial, talk, problem.reason)
            _book(trial, turn, missing, None, problem.tokens_in, problem.tokens_out, problem.reason)
            raise Unanswered(problem.reason) from problem
        _book(trial, turn, missing, asked, asked.tokens_in, asked.tokens_out, "")
        return


def _reserved(trial: Trial, place: int, talk: Talk, limit: int) -> Turn:
    """Reserve a call's part of what the trial holds, and keep the worker's claim to the trial."""
    worst = worst_case(talk.endpoint, talk.history, talk.offered, limit, talk.schema)
    try:
        with unit_of_work(trial.organization_id):
            check_in_use(f"endpoint:{talk.endpoint.slug}", f"The endpoint {talk.endpoint.slug}")
            if not Trial.objects.filter(pk=trial.pk, state=Trial.State.RUNNING).update(heal_at=heal_time()):
                raise Ended
            run = Run.objects.select_related("workroom").get(pk=trial.run_id)
            key, name = _key(place, talk), talk.attempt.agent.name
            known = Agent.objects.select_related("user").filter(workroom=run.workroom, name=name).first()
            found = Turn.objects.select_related("run__workroom").filter(run=run, member=key).first()
            turn = found or new_turn(run, key, name, known.user if known else trial.requester)
            take_part(turn, worst.tokens, worst.microcents, talk.attempt.agent.limits)
            return turn
    except OutOfUse as out:
        raise Unanswered(str(out)) from out
    except (OverLimit, Later) as short:
        raise Unanswered(f"The trial has used up what it may spend. {short}") from short


def _book(
    trial: Trial, turn: Turn, missing: Missing, asked: Asked | None, tokens_in: int, tokens_out: int, problem: str
) -> None:
    talk: Talk = missing.talk
    cost = talk.endpoint.price.cost(tokens_in, tokens_out) if talk.endpoint.price else None
    with unit_of_work(trial.organization_id):
        settle(turn, tokens_in + tokens_out, cost)
        if asked is not None:
            note_success(f"endpoint:{talk.endpoint.slug}")
            ModelResponse.objects.create(
                organization_id=trial.organization_id, turn=turn, number=talk.number, message=asked.message,
                tokens=tokens_in + tokens_out, microcents=cost or 0,
            )  # fmt: skip
        payload = {"model": talk.endpoint.model, "endpoint": talk.endpoint.slug, "tokens_in": tokens_in,
                   "tokens_out": tokens_out, "microcents": cost, "trial": str(trial.id), "read": missing.read,
                   **({"problem": problem} if problem else {})}  # fmt: skip
        record("model.called", actor=turn.user, on_behalf_of=trial.requester, ledger=trial.workroom_id,
               object=f"turn:{turn.id}", run=trial.run_id, turn=turn.id, payload=payload)  # fmt: skip


def _note_failure(trial: Trial, talk: Talk, problem: str) -> None:
    with unit_of_work(trial.organization_id):
        note_failure(f"endpoint:{talk.endpoint.slug}", problem)


def _watch(trial: Trial) -> Callable[[], bool]:
    """Return what tells, looking once a second, whether the trial was stopped; it keeps the worker's claim to it."""
    looked, stopped = 0.0, False

    def is_stopped() -> bool:
        nonlocal looked, stopped
        if not stopped and time.monotonic() - looked >= WATCH_SECONDS:
            looked = time.monotonic()
            with unit_of_work(trial.organization_id):
                going_on = Trial.objects.filter(pk=trial.pk, state=Trial.State.RUNNING)
                stopped = not going_on.update(heal_at=heal_time())
        return stopped

    return is_stopped


def _key(place: int, talk: Talk) -> str:
    """What stands for a turn of a try, however often the try begins anew: its place among the steps."""
    turn: Any = talk.attempt.context.turn
    steps = [turn.member]
    while turn.run.parent is not None:
        turn = turn.run.parent
        steps.append(turn.member)
    return f"{place}:{digest(steps)[:40]}"


def _unheard(text: str) -> None:
    """Nobody sees an answer of a trial being written."""
