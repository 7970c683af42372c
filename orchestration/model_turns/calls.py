"""One response of a language model: reserved for, asked, journalled and booked; a journalled one is replayed."""

import time
from dataclasses import dataclass, field
from typing import Any

from accounts.identity import NotProven
from accounts.ledger.record import record
from accounts.tenancy import unit_of_work
from orchestration.attempts import Attempt
from orchestration.brains.awaited import answers
from orchestration.brains.chat_completions import load_libraries
from orchestration.brains.conversation import Asked, Message, Offered, read_response
from orchestration.brains.endpoint import EndpointConfig, worst_case
from orchestration.brains.failures import Busy, ModelProblem, ModelUnavailable
from orchestration.brains.model import request
from orchestration.brains.streaming import Coalescer
from orchestration.holding import held_turn
from orchestration.limits.breakers import OutOfUse, check_in_use, note_failure, note_success
from orchestration.limits.buckets import Place, put_to_sleep, queue_up
from orchestration.limits.budgets import OverLimit, check_time, reserve, settle
from orchestration.limits.later import Later
from orchestration.models import ModelResponse, Turn
from orchestration.standing import lost_rights, plan_of
from orchestration.turns import Stopping, Superseded, renew
from workrooms.broadcasts import broadcast_delta

MOST_TOKENS_OUT = 4_096
WATCH_SECONDS = 1.0
PAUSE_SECONDS = 2.0  # for an endpoint that asks to be called later and does not say when


@dataclass(slots=True)
class Talk:
    """One conversation: what was said, the tools offered, and how often the answer was sent back.

    While it is `quiet`, nobody sees it being written.
    """

    attempt: Attempt
    endpoint: EndpointConfig
    offered: list[Offered]
    history: list[Message]
    number: int = 0
    repairs: int = 0
    watched: float = field(default=0.0)
    lost: bool = False
    quiet: bool = False

    @property
    def schema(self) -> dict[str, Any] | None:
        return self.attempt.agent.output_schema or None


def next_response(talk: Talk) -> Asked:
    """Return the next response: the journalled one, or a new one that was reserved for, asked, journalled and booked.

    Raises ModelProblem, OverLimit, Later, NotProven, Superseded, Stopping; on trial Missing, and asks nobody.
    """
    kept, on_trial = _journalled(talk), answers.get()
    if kept is None and on_trial is not None:
        kept = on_trial(talk)
    if kept is not None:
        return read_response(kept, talk.offered, talk.schema)
    limit = min(MOST_TOKENS_OUT, talk.attempt.agent.limits.tokens or MOST_TOKENS_OUT)
    estimate = worst_case(talk.endpoint, talk.history, talk.offered, limit, talk.schema)
    with unit_of_work(talk.attempt.claim.organization_id):
        turn = held_turn(talk.attempt.claim)
        _check_time(turn)
        _check_rights(talk, turn)
        _check_in_use(talk)
        reserve(turn, estimate.tokens, estimate.microcents, talk.attempt.agent.limits)
    load_libraries()
    place = queue_up(talk.endpoint.bucket) if talk.endpoint.bucket is not None else None
    try:
        asked = _ask(talk, limit, place)
    except Busy as busy:
        seconds = PAUSE_SECONDS if busy.retry_after is None else busy.retry_after
        if talk.endpoint.bucket is not None:
            put_to_sleep(talk.endpoint.bucket, seconds)
        _book(talk, 0, 0, None, busy.reason)
        raise Later(busy.reason, seconds) from busy
    except ModelProblem as problem:
        _book(talk, problem.tokens_in, problem.tokens_out, None, problem.reason, failed=problem.retryable)
        raise
    except OverLimit as limit_reached:
        _book(talk, estimate.tokens_in, 0, None, str(limit_reached))
        raise
    _book(talk, asked.tokens_in, asked.tokens_out, asked.message, "")
    return asked


def _check_time(turn: Turn) -> None:
    root = turn.run.root_or_own
    check_time(root, plan_of(root).limits.seconds)


def _check_rights(talk: Talk, turn: Turn) -> None:
    """What a run knows goes to no model any more once its person or its agent was taken out."""
    if lost := lost_rights(turn.run, turn, talk.attempt.context.credential):
        raise NotProven(f"{lost}.")


def _check_in_use(talk: Talk) -> None:
    """An endpoint that rests is asked later, unless the team says who else works then; quarantine is a failure."""
    try:
        check_in_use(f"endpoint:{talk.endpoint.slug}", f"The endpoint {talk.endpoint.slug}")
    except OutOfUse as out:
        if out.until is None or talk.attempt.agent.on_failure in ("skip", "substitute"):
            raise ModelUnavailable(str(out)) from out
        raise Later(str(out), out.seconds) from out


def _journalled(talk: Talk) -> Message | None:
    with unit_of_work(talk.attempt.claim.organization_id):
        kept = ModelResponse.objects.filter(turn_id=talk.attempt.claim.turn_id, number=talk.number)
        found: Message | None = kept.values_list("message", flat=True).first()
        return found


def _ask(talk: Talk, limit: int, place: Place | None) -> Asked:
    room, claim = talk.attempt.context.room, talk.attempt.claim
    stream = Coalescer(lambda text: broadcast_delta(room.id, claim.turn_id, talk.attempt.context.agent.name, text))

    def should_stop() -> bool:
        stream.tick()
        return _watch(talk)

    try:
        return request(
            talk.endpoint,
            talk.history,
            talk.offered,
            talk.schema,
            on_delta=_unheard if talk.quiet else stream.add,
            should_stop=should_stop,
            max_tokens=limit,
            place=place,
        )
    finally:
        stream.flush()


def _unheard(text: str) -> None:
    """What not everybody in the room may see is not shown while it is written."""


def _watch(talk: Talk) -> bool:
    """Once a second: renew the lease, see whether the turn was lost or its run is to stop. Raises OverLimit."""
    if time.monotonic() - talk.watched < WATCH_SECONDS:
        return talk.lost
    talk.watched = time.monotonic()
    try:
        with unit_of_work(talk.attempt.claim.organization_id):
            turn = held_turn(talk.attempt.claim)
            _check_time(turn)
            talk.lost = not renew(talk.attempt.claim)
    except (Superseded, Stopping):
        talk.lost = True
    return talk.lost


def _book(
    talk: Talk, tokens_in: int, tokens_out: int, message: Message | None, problem: str, failed: bool = False
) -> None:
    """Book what was spent; journal the answer, unless the turn was taken anew meanwhile: that one has its own."""
    price = talk.endpoint.price
    cost = price.cost(tokens_in, tokens_out) if price else None
    with unit_of_work(talk.attempt.claim.organization_id):
        rows = Turn.objects.select_for_update(of=("self",), no_key=True).select_related("run")
        turn = rows.get(pk=talk.attempt.claim.turn_id)
        settle(turn, tokens_in + tokens_out, cost, talk.attempt.claim.attempt)
        if failed:
            note_failure(f"endpoint:{talk.endpoint.slug}", problem)
        if message is not None:
            note_success(f"endpoint:{talk.endpoint.slug}")
        if message is not None and turn.attempt == talk.attempt.claim.attempt:
            ModelResponse.objects.create(
                organization_id=turn.organization_id,
                turn=turn,
                number=talk.number,
                message=message,
                tokens=tokens_in + tokens_out,
                microcents=cost or 0,
            )
        payload = {
            "model": talk.endpoint.model,
            "endpoint": talk.endpoint.slug,
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "microcents": cost,
            **({"problem": problem} if problem else {}),
        }
        context = talk.attempt.context
        record("model.called", actor=context.agent, on_behalf_of=context.person, ledger=context.room.id,
               object=f"turn:{turn.id}", run=turn.run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
