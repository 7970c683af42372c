"""Any team can be rehearsed: every agent says something that fits, nothing is done, and everybody sees what it is."""

from typing import Any

import pytest

from accounts.errors import Conflict, Invalid
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.rehearsing import rehearse_team
from orchestration.actions.runs import start_run
from orchestration.actions.teams import save_draft
from orchestration.intervening.order import find_turn
from orchestration.models import Approval, Run, Team, ToolCall, Turn
from orchestration.runs.tallies import results_strip
from orchestration.teams.dumping import dump
from orchestration.teams.gallery import gallery
from orchestration.teams.loading import load
from orchestration.trials.parts import rehearsed
from orchestration.trials.samples import sample
from orchestration.values.schemas import validate
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import furnish
from tests.orchestration.claims_room import published as publish_gallery
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, published, says, team_of

MODEL: dict[str, Any] = {"role": "Thinks", "brain": {"model": {}}, "on_failure": "stop"}
WIDE: dict[str, Any] = {
    "type": "object",
    "required": ["n", "kind", "when", "list", "deep", "maybe"],
    "properties": {
        "n": {"type": "integer", "minimum": 3},
        "kind": {"enum": ["a", "b"]},
        "when": {"type": "string", "format": "date"},
        "list": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/one"}},
        "deep": {"type": "object", "required": ["x"], "properties": {"x": {"type": "string", "minLength": 20}}},
        "maybe": {"type": ["null", "number"], "exclusiveMinimum": 1, "maximum": 9},
        "either": {"anyOf": [{"const": 4}, {"type": "string"}]},
    },
    "$defs": {"one": {"type": "object", "required": ["y"], "properties": {"y": {"type": "boolean"}}}},
}


def started(cast: Cast, team: Team, **more: Any) -> Run:
    with unit_of_work(cast.harbor):
        row = Team.objects.select_related("published", "workroom").get(pk=team.pk)
        run = rehearse_team(row, actor=cast.bob, **more)
    return carried(cast, run)


def test_a_sample_fits_its_schema() -> None:
    assert validate(WIDE, sample(WIDE)) == []
    assert sample({}) == {} and sample({"type": "integer", "multipleOf": 5, "minimum": 7}) == 10


@pytest.mark.parametrize("slug", gallery())
def test_every_team_of_the_gallery_has_a_part_for_everybody(slug: str) -> None:
    definition = load(gallery()[slug]).data
    for agent in rehearsed(definition)["agents"].values():
        assert agent["brain"] == {"procedure": "rehearsal.script"} and "Rehearsal:\n{" in agent["instructions"]


@pytest.mark.parametrize(
    "definition",
    [
        team_of("sequential", {"ada": {**MODEL, "output": WIDE}, "ben": {**MODEL, "input": WIDE}}),
        team_of("concurrent", {"ada": MODEL, "ben": MODEL, "cyn": MODEL}, join="cyn"),
        team_of("group_chat", {"ada": MODEL, "ben": MODEL, "meg": MODEL}, manager="meg", speaker={"by": "manager"}),
        team_of("group_chat", {"ada": MODEL, "ben": {**MODEL, "output": {
            "type": "object", "required": ["approved"], "properties": {"approved": {"type": "boolean"}}}}},
            until="last.output.approved"),
        team_of("handoff", {"ada": MODEL, "ben": {**MODEL, "input": WIDE}}, handoffs={"ada": ["ben"]}),
        team_of("manager", {"ada": MODEL, "ben": MODEL, "meg": MODEL}, manager="meg"),
        team_of("sequential", {"ada": {**MODEL, "checks": [{"verifier": "ben"}]}, "ben": MODEL}, [{"agent": "ada"}]),
    ],
    ids=["sequential", "concurrent", "group_chat", "maker_checker", "handoff", "manager", "verified"],
)  # fmt: skip
def test_every_pattern_comes_to_its_end_without_a_model(cast: Cast, definition: dict[str, Any]) -> None:
    run = started(cast, published(cast, definition))
    assert (run.state, run.reason) == ("finished", "")
    with unit_of_work(cast.harbor):
        agents = set(Turn.objects.filter(run=run).values_list("agent", flat=True))
        assert agents == set(definition["agents"]) and run.budget.microcents == run.budget.tokens == 0


def test_a_team_that_another_one_leads_to_is_rehearsed_too(cast: Cast) -> None:
    published(cast, team_of("sequential", {"ada": MODEL}), "inner")
    members = [{"team": "inner"}, {"agent": "ben"}]
    run = started(cast, published(cast, team_of("sequential", {"ben": MODEL}, members), "outer"))
    assert (run.state, run.reason) == ("finished", "")


def test_nothing_is_written_and_everybody_sees_what_it_is(cast: Cast) -> None:
    writer = says({"calls": [["documents.write", {"name": "a.md", "text": "x"}]], "summary": "Written."},
                  tools=["documents.write"])  # fmt: skip
    look = {"name": "look", "when": "agent == 'ada'"}
    run = started(cast, published(cast, team_of("sequential", {"ada": writer}, exceptions=[look]), "own"))
    with unit_of_work(cast.harbor):
        before = results_strip(cast.room)
        assert Approval.objects.get().title.startswith("Rehearsal: ")
        assert ToolCall.objects.get().result["revision"] == 1 and not cast.room.documents.exists()
        assert Event.objects.get(kind="run.started").payload["pretends"] == "rehearsal"
        assert (before["finished"], before["decided"]) == (0, 0), "it counts in no figure"
    assert answer(cast).state == "finished"
    bob = signed_in(cast.bob)
    for page in (f"runs/{run.number}/", "runs/", "runs/side/", ""):
        assert "Rehearsal" in bob.get(f"{cast.path}{page}").content.decode(), page
    assert Program(cast, cast.vera).get(f"/runs/{run.pk}")["rehearsal"] is True
    with unit_of_work(cast.harbor):
        assert results_strip(cast.room)["decided"] == 0


def test_a_draft_is_rehearsed_before_it_is_published(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        team = save_draft(cast.room, actor=cast.alice, slug="own", text=dump(team_of("sequential", {"ada": MODEL})))
        with pytest.raises(Conflict, match="no published version"):
            rehearse_team(team, actor=cast.bob)
    assert started(cast, team, draft=True).state == "finished"
    with unit_of_work(cast.harbor):
        save_draft(cast.room, actor=cast.alice, slug="own", text="schema: 1\n")
        row = Team.objects.select_related("published", "workroom").get(slug="own")
        with pytest.raises(Invalid, match="mistakes"):
            rehearse_team(row, actor=cast.bob, draft=True)
        assert not row.versions.filter(provisional=False).exists()
    hard = {**MODEL, "output": {"type": "object", "properties": {"x": {"type": "string", "pattern": "^[0-9]+$"}}}}
    with unit_of_work(cast.harbor):
        save_draft(cast.room, actor=cast.alice, slug="own", text=dump(team_of("sequential", {"ada": hard})))
        row = Team.objects.select_related("published", "workroom").get(slug="own")
        with pytest.raises(Invalid, match="contract of ada"):
            rehearse_team(row, actor=cast.bob, draft=True)


def test_the_claims_team(cast: Cast, tmp_path: Any) -> None:
    team = furnish(cast, tmp_path)
    run = started(cast, team)
    assert (run.state, run.pretends) == ("finished", "rehearsal"), run.reason
    with unit_of_work(cast.harbor):
        assert Turn.objects.filter(agent="settlement").exists() and not Approval.objects.exists()


def test_over_the_api_and_on_the_page(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        team = publish_gallery(cast, "triage-desk")
    page, path = f"{cast.path}teams/{team.slug}/", f"/workrooms/auto-claims/teams/{team.slug}/rehearse"
    assert "Rehearse v1" in signed_in(cast.bob).get(page).content.decode()
    assert "Rehearse v1" not in signed_in(cast.vera).get(page).content.decode()
    assert signed_in(cast.bob).post(f"{page}rehearse/")["Location"] == f"{cast.path}runs/1/"
    Program(cast, cast.vera).send("POST", path, {}, 403)
    bob = Program(cast, cast.bob)
    bob.headers["Idempotency-Key"] = "one"
    first, again = (bob.send("POST", path, {}, 202) for _ in range(2))
    assert first["id"] == again["id"] and first["rehearsal"] is True


def test_a_run_begun_from_a_rehearsal_is_one_too(cast: Cast) -> None:
    from orchestration.actions.forking import fork_run

    run = started(cast, published(cast, team_of("sequential", {"ada": MODEL, "ben": MODEL})))
    with unit_of_work(cast.harbor):
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=run.pk)
        made = fork_run(found, find_turn(found, 1), actor=cast.bob)
        real = start_run(cast.room, actor=cast.bob, team=found.version.team, goal="Go.")
    assert (carried(cast, made).state, made.pretends, real.pretends) == ("finished", "rehearsal", "")
