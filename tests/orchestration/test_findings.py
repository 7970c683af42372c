"""Findings of real runs: on their page, over the API, kept when they end, and counted for each version of a team."""

from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.failures import Finding
from orchestration.failures.reading import findings_of
from orchestration.failures.scorecard import Score, scorecard
from orchestration.models import Run, Team
from orchestration.tasks import examine
from tests.cast import Cast, signed_in
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, published, rehearse, says, team_of

RULE = {"checks": [{"rule": "size(output.summary) > 0"}]}
DRAFT, BETTER = "The policy covers the tow and the rental car.", "The policy covers the tow, not the rental car."
SEARCH = says({"calls": [["messages.search", {"query": "x"}]] * 9}, tools=["messages.search"])
YES, NO = {"approved": True, "reasons": []}, {"approved": False, "reasons": ["The rental car is not covered."]}
PLAN = {"tasks": [{"task": "Read", "agent": "ada"}, {"task": "Check", "agent": "ben"}]}
GIVE = {"next": "ada", "task": "Read", "progress": True, "done": False}
OVER = {"next": None, "task": "", "progress": True, "done": True}


def found(cast: Cast, run: Run) -> list[Finding]:
    with unit_of_work(cast.harbor):
        return findings_of(Run.objects.select_related("version").get(pk=run.pk))


def chat(ada: dict[str, Any], ben: dict[str, Any], **more: Any) -> dict[str, Any]:
    return team_of("group_chat", {"ada": ada, "ben": ben}, on_max_rounds="best", **{"limits": {"rounds": 3}, **more})


REAL: list[tuple[str, dict[str, Any], set[str]]] = [
    ("a tool it was not granted", team_of("sequential", {"ada": says(
        {"calls": [["documents.search", {"query": "x"}]], "summary": "A"}, **RULE)}), {"1.2"}),
    ("the same call again", team_of("sequential", {"ada": SEARCH}), {"1.3"}),
    ("an old answer again", chat(says({"summary": DRAFT}, {"summary": BETTER}, {"summary": DRAFT}, **RULE),
     says({"n": 1}, {"n": 2}, {"n": 3}), until="false"), {"1.4"}),
    ("on after the yes", chat(says({"summary": "A"}, {"summary": "B"}, {"summary": "C"}, **RULE), says(YES),
     until="false"), {"1.5"}),
    ("opened again", chat(says({"summary": DRAFT}, {"summary": BETTER}, {"summary": DRAFT}, **RULE),
     says({"n": 1}, {"n": 2}, {"n": 1}), until="false"), {"2.1"}),
    ("unchanged after a no", chat(says({"summary": DRAFT}, **RULE), says(NO, YES),
     until="has(last.output.approved) && last.output.approved"), {"2.5"}),
    ("unchanged for its verifier", team_of("sequential", {"ada": says({"summary": DRAFT}, checks=[{"verifier": "ben"}]),
     "ben": says(NO, YES)}, members=[{"agent": "ada"}]), {"2.5"}),
    ("planned and never begun", team_of("manager", {"ada": says({"summary": "A"}, **RULE), "ben": says({"n": 1}),
     "maya": says(PLAN, GIVE, OVER, {"summary": "All", "references": [3]})}, manager="maya"), {"3.1"}),
    ("checked by nothing", team_of("sequential", {"ada": says({"summary": "A"})}), {"3.2"}),
    ("checked by a rule", team_of("sequential", {"ada": says({"summary": "A"}, **RULE)}), set()),
    ("mended after a no", chat(says({"summary": DRAFT}, {"summary": BETTER}, **RULE), says(NO, YES),
     until="has(last.output.approved) && last.output.approved"), set()),
    ("verified, mended, verified", team_of("sequential", {"ada": says({"summary": DRAFT}, {"summary": BETTER},
     checks=[{"verifier": "ben"}]), "ben": says(NO, YES)}, members=[{"agent": "ada"}]), set()),
]  # fmt: skip


@pytest.mark.parametrize(("why", "definition", "modes"), REAL, ids=[row[0] for row in REAL])
def test_the_engine_s_own_events_show_it(cast: Cast, why: str, definition: dict[str, Any], modes: set[str]) -> None:
    run = rehearse(cast, definition)
    assert {finding.mode for finding in found(cast, run)} == modes, (run.state, run.reason, found(cast, run))


def test_findings_on_the_page_and_over_the_api_lead_to_the_events(cast: Cast) -> None:
    run = rehearse(cast, team_of("sequential", {"ada": SEARCH}))
    shown = Program(cast, cast.vera).get(f"/runs/{run.id}/findings")["items"]
    seen = "ada used messages.search 3 times with the same arguments and the same outcome."
    assert [(one["mode"], one["name"], one["sentence"]) for one in shown] == [("1.3", "Step repetition", seen)]
    assert len(shown[0]["evidence"]) == 3 and len(shown[0]["turns"]) == 1
    links = [f'href="{cast.path}ledger/{number}/"' for number in shown[0]["evidence"]]
    html = signed_in(cast.bob).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert seen in html and all(link in html for link in links)
    assert signed_in(cast.bob).get(f"{cast.path}ledger/{shown[0]['evidence'][0]}/").status_code == 200
    html = signed_in(cast.vera).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert seen in html and f"#{shown[0]['evidence'][0]}" in html


def test_a_run_without_findings_says_so(cast: Cast) -> None:
    run = rehearse(cast, team_of("sequential", {"ada": says({"summary": "A"}, **RULE)}))
    html = signed_in(cast.vera).get(f"{cast.path}runs/{run.number}/").content.decode()
    assert "Nothing that usually goes wrong between agents was found." in html
    assert Program(cast, cast.vera).get(f"/runs/{run.id}/findings") == {"items": [], "next": None}


def test_ended_runs_are_looked_through_once_and_counted_by_version(cast: Cast) -> None:
    team = published(cast, team_of("sequential", {"ada": SEARCH}), slug="mine")
    rehearse_again(cast, team)
    examine()
    with unit_of_work(cast.harbor):
        assert Run.objects.get().findings is None, "it has not ended"
    answer(cast, "reject", reason="Enough.")
    published(cast, team_of("sequential", {"ada": says({"summary": "A"}, **RULE)}), slug="mine")
    rehearse_again(cast, team)
    html = signed_in(cast.bob).get(f"{cast.path}teams/mine/").content.decode()
    assert "not looked for yet" in html
    examine()
    with unit_of_work(cast.harbor):
        assert list(Run.objects.order_by("number").values_list("findings", flat=True)) == [{"1.3": 1}, {}]
        newer, older = scorecard(Team.objects.get(slug="mine"))
    assert newer == Score(2, 1, 1, 1, 0, 0, ())
    assert (older.number, older.alone_percent, older.asked_percent) == (1, 0, 100)
    assert older.found == (("1.3", "Step repetition", 1),)
    html = signed_in(cast.bob).get(f"{cast.path}teams/mine/").content.decode()
    assert "Step repetition (1.3) in 1 run" in html and "v2, 1 run" in html


def rehearse_again(cast: Cast, team: Team) -> Run:

    with unit_of_work(cast.harbor):
        current = Team.objects.select_related("published").get(pk=team.pk)
        run = start_run(cast.room, actor=cast.bob, team=current, goal="Find out.")
    return carried(cast, run)


def test_a_team_without_runs_has_no_score(cast: Cast) -> None:
    published(cast, team_of("sequential", {"ada": says({"n": 1})}), slug="mine")
    assert "No run of this team has ended yet." in signed_in(cast.bob).get(f"{cast.path}teams/mine/").content.decode()
