"""Six runaways in each of the five patterns: stopped within three repeats or at the budget, and told what was seen."""

from collections import Counter

import pytest

from accounts.tenancy import unit_of_work
from orchestration.failures.reading import findings_of
from orchestration.models import Approval, Run, ToolCall, Turn
from tests.cast import Cast
from tests.orchestration.rehearsals import answer
from tests.orchestration.runaways import CIRCLE, KINDS, PATTERNS, SEEN, begun, runaway, watched

CASES = [(kind, pattern) for kind in KINDS for pattern in PATTERNS]
AT_ONCE = {CIRCLE, "no end"}  # stopped by the engine itself; of the others people are asked


@pytest.mark.parametrize(("kind", "pattern"), CASES, ids=[f"{kind}, {pattern}" for kind, pattern in CASES])
def test_a_runaway_is_stopped_and_told(cast: Cast, kind: str, pattern: str) -> None:
    run = watched(cast, begun(cast, kind, runaway(kind, pattern)))
    told = said(cast)
    assert run.state == ("stopped" if kind in AT_ONCE else "waiting"), (run.state, run.reason, told)
    assert SEEN[kind] in (run.reason if kind in AT_ONCE else " ".join(told)), (run.reason, told)
    assert repeats(cast, kind) <= 3 or kind == "no end"
    if kind not in AT_ONCE:
        run = answer(cast, "reject", reason="Enough.")
        assert (run.state, run.reason) == ("stopped", "Rejected by Pat: Enough.")
    with unit_of_work(cast.harbor):
        assert not Run.objects.exclude(state__in=Run.ENDED).exists(), "a nested run was left behind"
        assert not Turn.objects.filter(state__in=Turn.OPEN).exists()
        found = {finding.mode for finding in findings_of(Run.objects.select_related("version").get(pk=run.pk))}
    wanted = {CIRCLE: set[str](), "no end": {"1.5"}}.get(kind, {"1.3"})
    assert wanted <= found, "the run's page does not say so"


def said(cast: Cast) -> list[str]:
    """What people are asked, and why."""
    with unit_of_work(cast.harbor):
        rows = Approval.objects.filter(state=Approval.State.OPEN)
        return [text for row in rows for text in (row.title, *(rule["reason"] for rule in row.rules))]


def repeats(cast: Cast, kind: str) -> int:
    """How often it did what it would do for ever, beyond the first time where that is no repeat yet."""
    with unit_of_work(cast.harbor):
        if kind == "same call":
            return int(ToolCall.objects.count())
        if kind == CIRCLE:
            return max(Counter(Run.objects.values_list("version__team__slug", flat=True)).values())
        given = int(Turn.objects.filter(agent="ada", state=Turn.State.FINISHED).count())
    return given - 1 if kind == "growing" else given
