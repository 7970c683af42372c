"""How the versions of a team did: their runs, what was found in them, how often people were needed, what they cost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from django.db.models.functions import Coalesce

from orchestration.failures.modes import MODES
from orchestration.models import Approval, Run, Team, TeamVersion

MOST_RUNS = 1_000  # of a version, the newest


@dataclass(frozen=True, slots=True)
class Score:
    """One version over its ended runs, `examined` of them looked through for failures.

    `alone` finished without asking anybody, `asked` asked people; `cost_microcents` is the median of a run. `found` are
    the modes that occurred, the most frequent first: (mode, its name, in how many runs).
    """

    number: int
    runs: int
    examined: int
    alone: int
    asked: int
    cost_microcents: int | None
    found: tuple[tuple[str, str, int], ...]

    @property
    def alone_percent(self) -> int | None:
        return self._percent(self.alone)

    @property
    def asked_percent(self) -> int | None:
        return self._percent(self.asked)

    def _percent(self, part: int) -> int | None:
        return round(100 * part / self.runs) if self.runs else None


def scorecard(team: Team) -> list[Score]:
    """Return a score for each published version of `team` that has ended runs, the newest version first."""
    versions = TeamVersion.objects.filter(team=team).order_by("-number")
    scores = [_score(version) for version in versions]
    return [score for score in scores if score.runs]


def _score(version: TeamVersion) -> Score:
    ended = Run.objects.filter(version=version, parent=None, pretends="", state__in=Run.ENDED)
    rows = list(ended.order_by("-finished_at").values_list("id", "state", "findings", "budget__microcents")[:MOST_RUNS])
    asked = _asked(identity for identity, *_ in rows)
    costs = [cost for *_, cost in rows if cost is not None]
    modes = Counter(mode for _, _, findings, _ in rows for mode in findings or {})
    return Score(
        number=version.number,
        runs=len(rows),
        examined=sum(findings is not None for _, _, findings, _ in rows),
        alone=sum(state == Run.State.FINISHED and identity not in asked for identity, state, *_ in rows),
        asked=len(asked),
        cost_microcents=int(median(costs)) if costs else None,
        found=tuple((mode, MODES[mode], number) for mode, number in modes.most_common()),
    )


def _asked(runs: Iterable[UUID]) -> set[UUID]:
    """Those of the root runs in which people were asked."""
    rows = Approval.objects.annotate(asker=Coalesce("run__root_id", "run_id"))
    return set(rows.filter(asker__in=list(runs)).values_list("asker", flat=True))
