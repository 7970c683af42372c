"""A trial as its page and the API show it."""

from collections import Counter
from typing import Any

from accounts.models import User
from orchestration.inference.prices import MICROCENTS_PER_CENT
from orchestration.models import Budget, Trial, TriedRun
from workrooms.policies import is_cleared


def tried_runs(trial: Trial, viewer: User) -> list[TriedRun]:
    """Return what was made of each run that `viewer` may see, those that came out otherwise first."""
    rows = TriedRun.objects.filter(trial=trial).select_related("run__requester", "run__version__team")
    mine = [row for row in rows if is_cleared(viewer, trial.workroom, f"run:{row.run_id}")]
    order = [*reversed(TriedRun.Outcome.values), ""]
    return sorted(mine, key=lambda row: (order.index(row.outcome), row.place))


def trial_json(trial: Trial, rows: list[TriedRun] | None = None) -> dict[str, Any]:
    """Return a trial; with `rows` its table."""
    counted = Counter(TriedRun.objects.filter(trial=trial).values_list("outcome", flat=True))
    shown: dict[str, Any] = {
        "id": str(trial.id),
        "team": trial.team.slug,
        "room": str(trial.workroom_id),
        "requester": str(trial.requester_id),
        "state": trial.state,
        "runs": counted.total(),
        "tried": counted.total() - counted[""],
        "outcomes": {outcome: counted[outcome] for outcome in TriedRun.Outcome.values},
        "models": trial.run_id is not None,
        **spent_by(trial),
        "created_at": trial.created_at.isoformat(),
        "finished_at": trial.finished_at.isoformat() if trial.finished_at else None,
    }
    return shown if rows is None else {**shown, "items": [_row_json(row) for row in rows]}


def spent_by(trial: Trial) -> dict[str, Any]:
    """Return what the models that a trial asked took, and at most may: cents rounded up; nothing where it asks none."""
    purse = Budget.objects.filter(run=trial.run_id).first() if trial.run_id is not None else None
    if purse is None:
        return {"cost_cents": 0, "tokens": 0, "budget_cents": 0}
    return {
        "cost_cents": -(-purse.microcents // MICROCENTS_PER_CENT),
        "tokens": purse.tokens,
        "budget_cents": purse.microcents_cap // MICROCENTS_PER_CENT,
    }


def _row_json(row: TriedRun) -> dict[str, Any]:
    return {
        "run": str(row.run_id),
        "number": row.run.number,
        "outcome": row.outcome or None,
        "reason": row.reason,
        "fields": [{"path": path, "before": before, "after": after} for path, before, after in row.fields],
        "turns": row.turns,
        "milliseconds": row.milliseconds,
    }


def tally_of(rows: list[TriedRun]) -> list[tuple[str, int]]:
    """Return how many runs came to each outcome, in words, those that there are."""
    counted = Counter(row.outcome for row in rows)
    return [(label, counted[value]) for value, label in TriedRun.Outcome.choices if counted[value]]
