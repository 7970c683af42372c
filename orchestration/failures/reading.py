"""Findings about the runs that the database has."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from accounts.ledger.reading import events_of
from orchestration.failures import Finding, findings
from orchestration.failures.events import read_trace
from orchestration.failures.modes import MODES
from orchestration.failures.trace import Trace
from orchestration.models import Run

FIELDS = ("seq", "kind", "actor", "object", "turn", "payload")


def trace_of(run: Run) -> Trace:
    """Return a root run, with all that is nested in it, as its events tell it."""
    events = events_of(run.workroom_id).filter(run=run.id).order_by("seq").values(*FIELDS)
    return read_trace(list(events), _definitions(run))


def findings_of(run: Run) -> list[Finding]:
    """Return what the detectors find in a root run so far."""
    return findings(trace_of(run))


def keep_findings(run: Run) -> None:
    """Keep with an ended root run how many failures of each mode it has: {"1.3": 2}, {} for none."""
    found = Counter(finding.mode for finding in findings_of(run))
    Run.objects.filter(pk=run.pk).update(findings=dict(found))


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as programs see it: `evidence` are numbers of ledger events, `turns` ids of turns."""
    return {
        "mode": finding.mode,
        "name": MODES[finding.mode],
        "sentence": finding.sentence,
        "evidence": list(finding.evidence),
        "turns": list(finding.turns),
    }


def _definitions(run: Run) -> dict[str, Mapping[str, Any]]:
    """The definitions of the run's team and of the other teams of the room that it led to, by where they begin."""
    led_to = Run.objects.filter(root=run, path="").exclude(under="").select_related("version")
    return {"": run.version.definition, **{child.under: child.version.definition for child in led_to}}
