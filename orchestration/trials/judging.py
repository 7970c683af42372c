"""What a draft made of a finished run, beside what the team in force made of it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from orchestration.intervening.differing import Difference, differences
from orchestration.models import Approval, Run, TriedRun
from workrooms.policies import as_uuid

Outcome = TriedRun.Outcome
MOST_FIELDS = 20
WORDS = ("summary", "because", "references", "decided_by")
SHORT = 60


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome, why in a sentence, and the fields of the result that differ."""

    outcome: TriedRun.Outcome
    reason: str
    fields: list[Difference] = field(default_factory=list)


def judge(source: Run, run: Run) -> Judged:
    """Compare a finished run with what the draft made of it, as far as that went without people."""
    if run.state in (Run.State.FAILED, Run.State.STOPPED):
        return Judged(Outcome.FAILS, run.reason)
    asked = list(approvals_of(run).filter(state=Approval.State.OPEN))
    for approval in asked:
        before = same_question(source, approval)
        if before is None:
            return Judged(Outcome.ASKS, f"{approval.turn.agent}: {_why(approval)}")
        found = _telling(differences(before.action.get("output") or {}, approval.action.get("output") or {}))
        return _differing(found) or Judged(Outcome.ASKS, f"{approval.turn.agent}: {_why(approval)}")
    if run.state != Run.State.FINISHED:
        return Judged(Outcome.FAILS, f"It came to no end: it is {run.state}.")
    found = _telling(differences(source.result or {}, run.result or {}))
    return _differing(found) or _not_asked(source, run) or Judged(Outcome.SAME, "")


def approvals_of(run: Run) -> Any:
    """Return the questions asked in a root run and in those nested in it."""
    rows = Approval.objects.filter(Q(run=run) | Q(run__root=run)).select_related("turn").order_by("created_at")
    return rows.exclude(state=Approval.State.SUPERSEDED)


def same_question(source: Run, approval: Approval) -> Approval | None:
    """Return what people were asked in `source` about the same agent, if they were."""
    asked = approvals_of(source).filter(turn__agent=approval.turn.agent, action__act=approval.action["act"])
    found: Approval | None = asked.first()
    return found


def _differing(found: list[Difference]) -> Judged | None:
    cents = [one for one in found if one.path.endswith("_cents")]
    if not found:
        return None
    shown = [*cents, *(one for one in found if one not in cents)]
    return Judged(Outcome.AMOUNT if cents else Outcome.DECISION, "; ".join(_told(shown[:3])), shown[:MOST_FIELDS])


def _not_asked(source: Run, run: Run) -> Judged | None:
    """People were asked about an answer that nobody is asked about now."""
    about = {approval.turn.agent for approval in approvals_of(source) if approval.action["act"] == "accept"}
    left = sorted(about - {approval.turn.agent for approval in approvals_of(run)})
    return Judged(Outcome.DECISION, f"People are no longer asked about {', '.join(left)}.") if left else None


def _telling(found: Iterable[Difference]) -> list[Difference]:
    """Leave out what says the same in other words, and names of documents that were not written."""
    return [one for one in found if not _says_nothing(one)]


def _says_nothing(one: Difference) -> bool:
    name = one.path.rpartition(".")[2]
    if name in WORDS or name.endswith("_revision"):
        return True
    return any(isinstance(value, str) and as_uuid(value) is not None for value in (one.first, one.second))


def _told(found: Iterable[Difference]) -> Iterator[str]:
    for one in found:
        yield f"{one.path}: {_value(one.path, one.first)} → {_value(one.path, one.second)}"


def _value(path: str, value: Any) -> str:
    if path.endswith("_cents") and isinstance(value, int):
        return f"${value / 100:,.2f}"
    text = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _why(approval: Approval) -> str:
    rule = approval.rules[0] if approval.rules else {}
    return str(rule.get("because") or rule.get("reason") or approval.title)
