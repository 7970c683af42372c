"""Every team of the gallery runs offline, to its end, with people answering where it asks them."""

from pathlib import Path

import pytest

from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.failures.reading import findings_of
from orchestration.models import Approval, Run, Turn
from orchestration.teams.gallery import gallery
from tests.cast import Cast
from tests.orchestration.claims_room import furnish, paper, published
from tests.orchestration.rehearsals import answer, carried

ASKS = {
    "research-brief": ["plan"],
    "incident-response": ["accept"],
    "onboarding": ["accept"],
    "auto-claims": ["accept"],
}
UNCHECKED = {slug: {"3.2"} for slug in ("librarian", "research-brief", "triage-desk")}


@pytest.mark.parametrize("slug", gallery())
def test_it_runs_to_its_end(cast: Cast, tmp_path: Path, slug: str) -> None:
    furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        document = paper(cast, 0)
        team = published(cast, slug)
        run = start_run(
            cast.room, actor=cast.bob, team=team, goal="Which invoice is open?", documents=[document],
        )  # fmt: skip
    run = carried(cast, run)
    asked: list[str] = []
    while run.state == "waiting" and len(asked) < 5:
        with unit_of_work(cast.harbor):
            asked.append(Approval.objects.get(state="open").action["act"])
        run = answer(cast)
    assert (run.state, run.reason) == ("finished", ""), f"{run.state}: {run.reason}"
    assert (run.result or {}).get("summary") or slug == "document-review"
    assert asked == ASKS.get(slug, asked if slug == "auto-claims" else [])
    with unit_of_work(cast.harbor):
        left_out = Turn.objects.exclude(state="finished")
        assert [turn.state for turn in left_out] == (["skipped"] if slug == "incident-response" else [])
        assert not Run.objects.exclude(state="finished").exists()
        found = {finding.mode for finding in findings_of(Run.objects.select_related("version").get(pk=run.pk))}
    assert found == UNCHECKED.get(slug, set()), "a sound run has findings"


def test_there_is_a_team_for_each_kind_of_work() -> None:
    patterns = {text.split("\npattern: ")[1].split("\n")[0] for text in gallery().values()}
    assert patterns == {"sequential", "concurrent", "group_chat", "handoff", "manager"}
    assert len(gallery()) >= 8
