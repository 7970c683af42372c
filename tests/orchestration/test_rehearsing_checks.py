"""In a rehearsal agents say what their own checks let pass; where nothing made up does, the run says whose check."""

from pathlib import Path
from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from orchestration.actions.rehearsing import rehearse_team
from orchestration.models import Approval, Run, Team, Turn
from orchestration.teams.gallery import gallery
from orchestration.trials.passing import MOST_TRIED, Rules, passing
from orchestration.trials.samples import sample
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import furnish
from tests.orchestration.claims_room import published as publish_gallery
from tests.orchestration.rehearsals import answer, carried, published, team_of

MODEL: dict[str, Any] = {"role": "Thinks", "brain": {"model": {}}, "on_failure": "ask"}
COUNT: dict[str, Any] = {
    "type": "object",
    "required": ["number", "kind", "reasons", "deep"],
    "properties": {
        "number": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["small", "large"]},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "deep": {"type": "object", "properties": {"sure": {"type": ["boolean", "null"]}}},
        "word": {"type": "string"},
    },
}


def started(cast: Cast, team: Team) -> Run:
    with unit_of_work(cast.harbor):
        row = Team.objects.select_related("published", "workroom").get(pk=team.pk)
        run = rehearse_team(row, actor=cast.bob)
    return carried(cast, run)


def checked(*rules: str, **more: Any) -> dict[str, Any]:
    return {**MODEL, "output": COUNT, "checks": [{"rule": rule} for rule in rules], **more}


@pytest.mark.parametrize("slug", gallery())
def test_every_team_of_the_gallery_runs_through(cast: Cast, tmp_path: Path, slug: str) -> None:
    """Only what its own script says may call people: everything made up passes."""
    furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        team = publish_gallery(cast, slug)
    run = started(cast, team)
    asked: list[str] = []
    while run.state == "waiting" and len(asked) < 5:
        with unit_of_work(cast.harbor):
            asked.append(Approval.objects.get(state="open").action["act"])
        run = answer(cast)
    assert (run.state, run.reason) == ("finished", "")
    assert "retry" not in asked, "somebody's answer broke their contract"
    if slug == "auto-claims":
        assert asked == []
        with unit_of_work(cast.harbor):
            assert Turn.objects.filter(agent="settlement", state="finished").exists()


@pytest.mark.parametrize(
    "rule",
    [
        "output.number > 0",
        "output.number >= 60 && output.kind == 'large'",
        "output.kind == 'large' && size(output.reasons) > 0",
        "output.deep.sure == null",
        "!output.deep.sure || output.word.startsWith('to be ')",
        "output.word == 'exact'",
        "output.number == input.total",
    ],
)
def test_an_answer_is_found_that_passes(rule: str) -> None:
    rules, first = Rules("ada", {"total": 7}, (rule,), ()), sample(COUNT)
    assert rules.broken(first) == [rule]
    found = passing(COUNT, first, rules)
    assert rules.broken(found) == [] and found == passing(COUNT, first, rules)


def test_one_that_calls_nobody_is_taken_before_one_that_only_passes() -> None:
    rules = Rules("ada", {}, ("output.number > 0 || output.kind == 'large'",), ("output.number > 0",))
    assert passing(COUNT, sample(COUNT), rules)["kind"] == "large"
    always = Rules("ada", {}, ("output.number > 0",), ("agent == 'ada'",))
    assert passing(COUNT, sample(COUNT), always)["number"] == 1


def test_what_nothing_passes_is_given_up() -> None:
    rule = "output.number > 5 && output.number < 5 && output.word == 'a' && output.word == 'b'"
    rules, looked_at = Rules("ada", {}, (rule,), ()), []

    class Counting(Rules):
        def broken(self, answer: dict[str, Any]) -> list[str]:
            looked_at.append(answer)
            return super().broken(answer)

    first = sample(COUNT)
    assert passing(COUNT, first, Counting(rules.agent, rules.given, rules.checks, rules.exceptions)) == first
    assert 1 < len(looked_at) <= MOST_TRIED


def test_what_came_before_is_known_to_the_checks_that_compare_with_it(cast: Cast) -> None:
    later = checked("output.number == input.number", "output.number > 0", input=COUNT)
    agents = {"ada": checked("output.number == 41"), "ben": later}
    assert started(cast, published(cast, team_of("sequential", agents))).state == "finished"


def test_where_nothing_passes_the_rehearsal_says_whose_check_it_is(cast: Cast) -> None:
    rule = "output.number > 5 && output.number < 5"
    run = started(cast, published(cast, team_of("sequential", {"ada": checked(rule)})))
    assert run.state == "waiting"
    with unit_of_work(cast.harbor):
        question = Approval.objects.get()
        told = Turn.objects.get().error
    for said in ("What ada says in this rehearsal", f"The check {rule} does not hold.", "nothing about the team"):
        assert said in told
    page = signed_in(cast.pat).get(f"/approvals/{question.id}/").content.decode()
    assert "What ada says in this rehearsal" in page and "says nothing about the team" in page
