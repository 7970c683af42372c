"""One try: a draft works on what a finished run was given, in a transaction that is undone.

It is the engine itself that works, with everything it has: authority, contracts, checks, questions to people. As all
of it is one transaction, nothing is left of it: no event, no entry, no question, no document. Where models are really
asked, a missing answer ends the transaction; it is asked for outside, kept, and the try begins anew with it.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import close_approval, locked_approval
from orchestration.actions.teams import bring_agents
from orchestration.brains.awaited import Missing, answers
from orchestration.engine import work
from orchestration.intervening.changes import provisional_version
from orchestration.limits.budgets import open_budget
from orchestration.models import Approval, Budget, Run, Trial, TriedRun, Turn
from orchestration.standing import plan_of
from orchestration.starting import task_scope
from orchestration.trials.asking import Ended, Unanswered, answer_of, ask_for
from orchestration.trials.judging import Judged, approvals_of, judge, same_question
from orchestration.trials.standing_in import stood_in
from orchestration.trials.under import make_versions_under

MOST_ROUNDS = 200
MOST_ASKED = 500  # answers of models in one try
UNSEEN = 10**9  # numbers that no run of a room has: this one is never seen
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the judgement, how many turns it took, and how long."""

    judged: Judged
    turns: int = 0
    milliseconds: int = 0


class _Undone(Exception):
    """Carries what came of a try out of the transaction that is undone."""

    def __init__(self, tried: Tried) -> None:
        super().__init__()
        self.tried = tried


def try_on(trial: Trial, run_id: UUID, place: int = 0) -> Tried | None:
    """Try the draft on one finished run and undo it; what breaks is an outcome, too. None when the trial is stopped."""
    started = time.monotonic()
    try:
        for _ in range(MOST_ASKED):
            try:
                with unit_of_work(trial.organization_id), _answered(trial, place):
                    raise _Undone(_try(trial, run_id, started))
            except Missing as missing:
                ask_for(trial, place, missing)
        raise Unanswered(f"{MOST_ASKED} answers of models did not bring it to an end.")
    except _Undone as undone:
        return undone.tried
    except Ended:
        return None
    except Unanswered as why:
        return Tried(Judged(TriedRun.Outcome.FAILS, str(why)), milliseconds=_since(started))
    except Exception as error:
        logger.exception("Trial %s broke on run %s", trial.id, run_id)
        broke = Judged(TriedRun.Outcome.FAILS, f"The trial itself broke: {type(error).__name__}.")
        return Tried(broke, milliseconds=_since(started))


@contextmanager
def _answered(trial: Trial, place: int) -> Iterator[None]:
    """Let the trial's own answers be given, where it asks models."""
    token = answers.set(partial(answer_of, trial, place) if trial.run_id is not None else None)
    try:
        yield
    finally:
        answers.reset(token)


def _try(trial: Trial, run_id: UUID, started: float) -> Tried:
    source = Run.objects.select_related("workroom__organization", "version__team").get(pk=run_id)
    asks = trial.run_id is not None
    definition, silent = (trial.definition, list[str]()) if asks else stood_in(trial.definition, source)
    run = _begin(trial, source, definition)
    _carry(run, source)
    ended = Run.objects.get(pk=run.pk)
    judged = judge(source, ended)
    if judged.outcome == TriedRun.Outcome.FAILS and (name := _failed(ended)) in silent:
        told = f"{name} asks a model, and run {source.number} has no answer of it to stand in."
        judged = Judged(TriedRun.Outcome.FAILS, told)
    return Tried(judged, Budget.objects.get(run=run).turns, _since(started))


def _begin(trial: Trial, source: Run, definition: dict[str, Any]) -> Run:
    version = provisional_version(trial.team, definition, trial.requester, trial.team.published, "On trial")
    bring_agents(trial.team, definition, trial.requester, only_new=True)
    whole_room = "document:*" in source.scope
    run = Run(
        organization_id=trial.organization_id,
        workroom=source.workroom,
        version=version,
        number=UNSEEN + secrets.randbelow(UNSEEN),
        requester=trial.requester,
        goal=source.goal,
        subject=source.subject,
        input=source.input,
        documents=source.documents,
        scope=task_scope(source.workroom, version, source.documents, whole_room),
        pretends=Run.Pretence.TRIAL,
        forked_from=source,
    )
    run.save(force_insert=True)
    asks = trial.run_id is not None
    make_versions_under(run, definition, lambda inner: inner if asks else stood_in(inner, source)[0], trial.requester)
    open_budget(run, plan_of(run).limits)
    return run


def _carry(run: Run, source: Run) -> None:
    """Carry the run as far as it goes, answering people's questions as they answered the same ones before."""
    seen: list[Any] = []
    for _ in range(MOST_ROUNDS):
        standing = _standing(run)
        if standing == seen:
            return
        seen = standing
        tree = Run.objects.filter(Q(pk=run.pk) | Q(root=run)).exclude(state__in=Run.ENDED).order_by("created_at")
        for open_id in list(tree.values_list("id", flat=True)):
            work(run.organization_id, open_id)
        for approval in list(approvals_of(run).filter(state=Approval.State.OPEN)):
            _answer_as_before(source, approval)


def _standing(run: Run) -> list[Any]:
    turns = Turn.objects.filter(Q(run=run) | Q(run__root=run)).order_by("id").values_list("id", "state", "attempt")
    runs = Run.objects.filter(Q(pk=run.pk) | Q(root=run)).order_by("id").values_list("id", "state")
    return [*turns, *runs]


def _answer_as_before(source: Run, approval: Approval) -> None:
    before = same_question(source, approval)
    if before is None or before.state != Approval.State.APPROVED:
        return
    if _bare(before.action.get("output")) != _bare(approval.action.get("output")):
        return
    closing = before.decisions.exclude(decision="ask").select_related("user").last()
    if closing is not None:
        close_approval(*locked_approval(approval), closing.user, closing.decision, closing.edits)


def _bare(output: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (output or {}).items() if name != "decided_by"}


def _failed(run: Run) -> str:
    failed = Turn.objects.filter(Q(run=run) | Q(run__root=run), state=Turn.State.FAILED, user__isnull=False)
    return str(failed.values_list("agent", flat=True).first() or "")


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
