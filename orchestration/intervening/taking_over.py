"""A new run takes over the finished turns of another: their answers as they were, no tool used and no model asked.

What people approved there is put to them again here, before anything new begins: an approval binds one run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.errors import Conflict, Invalid
from accounts.ledger.record import record
from orchestration.asking.questions import ask_to_accept
from orchestration.boundaries.held import label_of_run, note_read, rest_of_run
from orchestration.contracts import Fired
from orchestration.intervening.order import around, came_after, standing_turns, with_verifiers
from orchestration.models import Approval, Run, Turn
from orchestration.purposes import WORK, hands_on
from orchestration.queue import enqueue
from orchestration.settling import UNVERIFIED, fired_rules, unacceptable
from orchestration.standing import plan_of
from orchestration.teams.plan import ExceptionRule
from orchestration.turns import heal_time

OVER = (Turn.State.FINISHED, Turn.State.SKIPPED)
AS_THEY_WERE = (
    "number", "member", "agent", "user_id", "brain", "purpose", "state", "attempt", "tries", "repairs", "input",
    "output", "findings", "saw", "error", "started_at", "last_activity_at", "finished_at",
)  # fmt: skip
OF_THE_RUN = ("organization_id", "workroom_id", "requester_id", "goal", "subject", "documents", "scope", "thread_id",
              "pretends")  # fmt: skip


@dataclass(slots=True)
class Takeover:
    """What is taken over from `origin` into `run`: all that does not rest on `turn`, and that turn, with `edits` of its
    answer, unless it is taken `again`."""

    origin: Run
    run: Run
    turn: Turn
    again: bool = False
    edits: dict[str, Any] = field(default_factory=dict)

    def carry_out(self) -> None:
        """Take the turns over. Raises Conflict for a turn without an answer, Invalid for an edit that breaks it."""
        if self.turn.state not in OVER:
            raise Conflict(f"Turn {self.turn.number} of {self.turn.agent} is {self.turn.state}: it has no answer.")
        note_read(self.run, label_of_run(self.origin, self.run.workroom), rest_of_run(self.origin, self.run.workroom))
        levels, copy = around(self.turn)[::-1], self.run
        for number, (level, turn) in enumerate(levels):
            innermost = turn.pk == self.turn.pk
            made = self._copy(level, copy, self._kept(level, turn, innermost), None if innermost else turn)
            if not innermost:
                copy = self._nested(levels[number + 1][0], copy, made[turn.pk], over=False)

    def _kept(self, level: Run, turn: Turn, innermost: bool) -> list[Turn]:
        turns = standing_turns(level)
        dropped = {one.pk for one in came_after(level, turns, turn)}
        if innermost and self.again:
            dropped |= {one.pk for one in with_verifiers(turns, [turn])}
        return [one for one in turns if one.pk not in dropped and (one.state in OVER or one.pk == turn.pk)]

    def _copy(self, source: Run, copy: Run, kept: Sequence[Turn], going_on: Turn | None = None) -> dict[Any, Turn]:
        """Copy the turns that are kept; the nested team of `going_on` goes on here."""
        made = {}
        for number, turn in enumerate(kept, start=1):
            row = Turn(**{name: getattr(turn, name) for name in AS_THEY_WERE}, organization_id=copy.organization_id,
                       run=copy, replayed_from=turn)  # fmt: skip
            row.number, row.user = number, turn.user
            edited = turn.pk == self.turn.pk and bool(self.edits)
            if edited:
                row.output = self._edited(copy, row)
            if going_on is not None and turn.pk == going_on.pk:
                _reopen(row)
            row.save(force_insert=True)
            made[turn.pk] = row
            self._log(turn, row, edited)
            self._judge(turn, copy, row)
            if row.user_id is None and row.state in OVER and (nested := _run_of(turn)) is not None:
                self._whole(nested, copy, row)
        return made

    def _whole(self, source: Run, around_it: Run, parent: Turn) -> None:
        """Take over a nested run that is over; where people are asked again in it, it is not over here."""
        copy = self._nested(source, around_it, parent, over=True)
        made = self._copy(source, copy, [one for one in standing_turns(source) if one.state in OVER])
        if any(turn.state not in OVER for turn in made.values()):
            copy.state, copy.result, copy.finished_at, copy.heal_at = Run.State.QUEUED, None, None, heal_time()
            copy.save(update_fields=["state", "result", "finished_at", "heal_at"])
            _reopen(parent)
            parent.save(update_fields=["state", "output", "error", "finished_at"])
            enqueue(copy)

    def _nested(self, source: Run, around_it: Run, parent: Turn, over: bool) -> Run:
        copy = Run(**{name: getattr(around_it, name) for name in OF_THE_RUN}, parent=parent, root=self.run)
        copy.under, copy.path, copy.input, copy.started_at = source.under, source.path, source.input, source.started_at
        own = source.version_id == self.origin.version_id
        copy.version = self.run.version if own else source.version
        if over:
            copy.state, copy.result, copy.finished_at = source.state, source.result, source.finished_at
        else:
            copy.heal_at = heal_time()
        copy.save(force_insert=True)
        if not over:
            enqueue(copy)
        return copy

    def _edited(self, copy: Run, row: Turn) -> dict[str, Any]:
        output = {**(row.output or {}), **self.edits}
        if mistakes := unacceptable(copy, row, output):
            raise Invalid("The edit breaks the agent's contract.", [("output", mistake) for mistake in mistakes])
        return output

    def _judge(self, turn: Turn, copy: Run, row: Turn) -> None:
        """Ask people about a taken-over answer on which the team's exceptions fire, as on any other."""
        judged = row.state == Turn.State.FINISHED and row.purpose in WORK and row.user_id is not None
        if not judged or hands_on(plan_of(copy), row.output):
            return
        output = {name: value for name, value in (row.output or {}).items() if name != "decided_by"}
        fired: list[tuple[ExceptionRule, Fired]] = fired_rules(copy, row.agent, row.input, output)
        fired += [(UNVERIFIED, Fired(reason)) for reason in _unverified(turn)]
        if fired:
            row.output, row.state, row.finished_at = output, Turn.State.WAITING, None
            row.save(update_fields=["output", "state", "finished_at"])
            ask_to_accept(copy, row, fired)

    def _log(self, turn: Turn, row: Turn, edited: bool) -> None:
        payload = {"agent": row.agent, "member": row.member, "purpose": row.purpose, "state": row.state,
                   "output": row.output, "edited": edited, "from_run": self.origin.number,
                   "from_turn": str(turn.id)}  # fmt: skip
        record("turn.replayed", actor=self.run.requester, ledger=self.run.workroom_id, object=f"turn:{row.id}",
               run=self.run.id, turn=row.id, payload=payload)  # fmt: skip


def _reopen(row: Turn) -> None:
    row.state, row.output, row.error, row.finished_at = Turn.State.CLAIMED, None, "", None


def _run_of(turn: Turn) -> Run | None:
    found: Run | None = Run.objects.filter(parent=turn).order_by("-created_at").first()
    return found


def _unverified(turn: Turn) -> list[str]:
    asked = Approval.objects.filter(turn=turn, action__act="accept", state=Approval.State.APPROVED)
    return [rule["reason"] for one in asked for rule in one.rules if rule["name"] == UNVERIFIED.name]
