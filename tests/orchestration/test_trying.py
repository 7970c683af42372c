"""A draft is tried on finished runs: the table says what would have come out, and nothing is left of the trial."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.errors import Conflict, Invalid
from accounts.models import Event, User
from accounts.reach import due_trials
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_target
from orchestration.actions.runs import start_run
from orchestration.actions.teams import save_draft
from orchestration.actions.trying import start_trial, stop_trial
from orchestration.models import Approval, Run, Team, TeamVersion, ToolCall, Trial, TriedRun, Turn
from orchestration.teams.dumping import dump
from orchestration.trials.working import _take, work_on
from tests.cast import Cast, signed_in
from tests.live.receiver import Receiver
from tests.orchestration.claims_room import GALLERY
from tests.orchestration.offices import Program, settled
from tests.orchestration.rehearsals import answer, carried, published, says, team_of
from workrooms.models import Document, Message

PAID = {"payout_cents": 100, "status": "covered", "summary": "Paid."}
MODEL: dict[str, Any] = {"role": "Thinks", "brain": {"model": {}}, "on_failure": "stop"}
LOOK = {"name": "look", "when": "agent == 'ada'", "ask": {"because": "Somebody looks."}}


def ran(cast: Cast, definition: dict[str, Any], times: int = 1) -> Team:
    """A team with finished runs; what people are asked they approve."""
    team = published(cast, definition, "own")
    for _ in range(times):
        with unit_of_work(cast.harbor):
            run = start_run(cast.room, actor=cast.bob, team=team, goal="Settle it.")
        if carried(cast, run).state == "waiting":
            answer(cast)
    return team


def tried(cast: Cast, team: Team, draft: dict[str, Any], who: User | None = None) -> list[tuple[str, str]]:
    """Try a draft; what came of each run, and why."""
    with unit_of_work(cast.harbor):
        row = save_draft(cast.room, actor=cast.alice, slug=team.slug, text=dump(draft))
        row = Team.objects.select_related("published", "workroom").get(pk=row.pk)
        trial = start_trial(row, actor=who or cast.alice)
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor):
        assert Trial.objects.get(pk=trial.pk).state == "finished"
        return [(one.outcome, one.reason) for one in TriedRun.objects.filter(trial=trial)]


def everything(cast: Cast) -> dict[str, int]:
    """How much of everything there is; of events, all but those of trials and drafts."""
    with unit_of_work(cast.harbor):
        kept = (Run, Turn, ToolCall, Approval, Document, Message, TeamVersion)
        events = Event.objects.exclude(kind__startswith="trial.").exclude(kind="team.drafted")
        counts = {model.__name__: model.objects.count() for model in kept}
        return {**counts, "Event": events.count(), "User": User.objects.count()}


@pytest.fixture
def receiver(cast: Cast, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as receiver:
        settings.WORKROOM_TRUSTED_HOSTS = [receiver.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=receiver.url)
        yield receiver


@pytest.mark.parametrize(
    ("agent", "more", "outcome", "reason"),
    [
        (says(PAID), {}, "same", ""),
        (says({**PAID, "summary": "It is paid."}), {}, "same", ""),
        (says({**PAID, "payout_cents": 250}), {}, "amount", "payout_cents: $1.00 → $2.50"),
        (says({**PAID, "status": "denied"}), {}, "decision", "status: covered → denied"),
        (says(PAID), {"exceptions": [LOOK]}, "asks", "ada: Somebody looks."),
        (says(PAID, output={"type": "object", "required": ["no"]}), {}, "fails", "ada: The answer of ada breaks"),
        (MODEL, {}, "same", ""),
    ],
)
def test_what_comes_out(cast: Cast, agent: Any, more: Any, outcome: str, reason: str) -> None:
    team = ran(cast, team_of("sequential", {"ada": says(PAID)}), times=2)
    before = everything(cast)
    found = tried(cast, team, team_of("sequential", {"ada": agent}, **more))
    assert [one[0] for one in found] == [outcome] * 2 and all(one[1].startswith(reason) for one in found), found
    assert everything(cast) == before, "nothing is left of it"


def test_people_answer_as_they_did_and_are_missed_where_nobody_asks_them(cast: Cast) -> None:
    definition = team_of("sequential", {"ada": says(PAID), "ben": says({"n": "$input.decided_by"})}, exceptions=[LOOK])
    team = ran(cast, definition)
    assert tried(cast, team, definition) == [("same", "")]
    found = tried(cast, team, {**definition, "exceptions": []})
    assert found == [("decision", "n: Pat → nothing")]
    changed = {**definition, "agents": {**definition["agents"], "ada": says({**PAID, "payout_cents": 7})}}
    assert tried(cast, team, changed) == [("amount", "payout_cents: $1.00 → $0.07")]


def test_nothing_is_sent_or_written(cast: Cast, receiver: Receiver) -> None:
    tools = ["webhook.send", "documents.write"]

    def payer(cents: int) -> dict[str, Any]:
        calls = [["webhook.send", {"body": {"pay": cents}}], ["documents.write", {"name": "a.md", "text": f"{cents}"}]]
        return says({"calls": calls, "sent": "$calls.0.status", "letter": "$calls.1.document"}, tools=tools)

    team = ran(cast, team_of("sequential", {"ada": payer(1)}))
    before = everything(cast)
    assert tried(cast, team, team_of("sequential", {"ada": payer(1)})) == [("same", "")]
    assert tried(cast, team, team_of("sequential", {"ada": payer(2)})) == [("same", "")]
    assert len(receiver.received) == 1 and everything(cast) == before


def test_a_new_agent_that_asks_a_model_has_nobody_to_stand_in(cast: Cast) -> None:
    team = ran(cast, team_of("sequential", {"ada": says(PAID)}))
    found = tried(cast, team, team_of("sequential", {"ada": says(PAID), "new": MODEL}))
    assert found == [("fails", "new asks a model, and run 1 has no answer of it to stand in.")]


def test_the_claims_team_with_another_threshold(cast: Cast, tmp_path: Path) -> None:
    team = settled(cast, tmp_path, "CL-4467")
    text = (GALLERY / "auto-claims.yaml").read_text()
    with unit_of_work(cast.harbor):
        settled_run = Run.objects.get(parent=None)
        assert settled_run.state == "finished"
        save_draft(cast.room, actor=cast.alice, slug=team.slug, text=text.replace("> 7500000", ">= 0"))
        row = Team.objects.select_related("published", "workroom").get(pk=team.pk)
        trial = start_trial(row, actor=cast.bob)
    before = everything(cast)
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor):
        found = TriedRun.objects.get(trial=trial)
    assert (found.outcome, found.reason) == ("asks", "adjudicator: Payouts above $75,000 need a supervisor.")
    assert found.turns == 6 and everything(cast) == before


def test_what_cannot_be_tried(cast: Cast) -> None:
    definition = team_of("sequential", {"ada": says(PAID)})
    team = published(cast, definition, "own")
    with pytest.raises(Conflict, match="no finished run"):
        tried(cast, team, definition)
    ran(cast, definition)
    with pytest.raises(Conflict, match=r"ada may also use documents\.write"):
        tried(cast, team, team_of("sequential", {"ada": says(PAID, tools=["documents.write"])}))
    with pytest.raises(Invalid, match="mistakes"):
        tried(cast, team, {**definition, "members": [{"agent": "nobody"}]})


def test_a_worker_that_dies_loses_one_try(cast: Cast) -> None:
    team = ran(cast, team_of("sequential", {"ada": says(PAID)}), times=3)
    with unit_of_work(cast.harbor):
        trial = start_trial(Team.objects.select_related("published", "workroom").get(pk=team.pk), actor=cast.alice)
    with unit_of_work(cast.harbor):
        assert _take(trial.pk) and not _take(trial.pk), "one worker has it"
        TriedRun.objects.filter(trial=trial, place=1).update(outcome="same", reason="kept")
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor):
        assert TriedRun.objects.filter(outcome="").count() == 2, "held by the one that died"
        Trial.objects.update(heal_at=timezone.now() - timedelta(seconds=1))
    assert [due.id for due in due_trials()] == [trial.pk]
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor):
        rows = list(TriedRun.objects.filter(trial=trial).values_list("outcome", "reason"))
        assert rows == [("same", "kept"), ("same", ""), ("same", "")]
        assert Event.objects.filter(kind="trial.finished").count() == 1 and due_trials() == []


def test_a_trial_is_stopped(cast: Cast) -> None:
    team = ran(cast, team_of("sequential", {"ada": says(PAID)}))
    with unit_of_work(cast.harbor):
        trial = start_trial(Team.objects.select_related("published", "workroom").get(pk=team.pk), actor=cast.alice)
        stop_trial(trial, actor=cast.bob)
    work_on(cast.harbor.id, trial.pk)
    with unit_of_work(cast.harbor), pytest.raises(Conflict):
        assert TriedRun.objects.get().outcome == ""
        stop_trial(trial, actor=cast.bob)


def test_over_the_api_and_on_the_page(cast: Cast) -> None:
    team = ran(cast, team_of("sequential", {"ada": says(PAID)}))
    bob, vera, path = Program(cast, cast.bob), Program(cast, cast.vera), "/workrooms/auto-claims/teams/own/trials"
    vera.send("POST", path, {}, 403)
    for wrong in ({"runs": 0}, {"runs": 51}, {"runs": "x"}):
        bob.send("POST", path, wrong, 422)
    bob.headers["Idempotency-Key"] = "one"
    first, again = (bob.send("POST", path, {"runs": 5}, 202) for _ in range(2))
    assert first["id"] == again["id"] and (first["state"], first["runs"], first["tried"]) == ("queued", 1, 0)
    work_on(cast.harbor.id, first["id"])
    found = vera.get(f"/trials/{first['id']}")
    assert (found["state"], found["items"][0]["outcome"], found["outcomes"]["same"]) == ("finished", "same", 1)
    assert [one["id"] for one in vera.get(path)["items"]] == [first["id"]]
    Program(cast, cast.mallory, cast.outsider).get(f"/trials/{first['id']}", 404)
    page = f"{cast.path}teams/{team.slug}/"
    assert "trials/" in signed_in(cast.bob).get(page).content.decode()
    moved = signed_in(cast.bob).post(f"{page}trials/", {"runs": "1"})
    shown = signed_in(cast.vera).get(moved["Location"]).content.decode()
    assert "still to be tried" in shown and "Stop" not in shown.split('id="trial"')[1].split("</h1>")[1][:600]
    assert "Same" in signed_in(cast.vera).get(f"{page}trials/{first['id']}/").content.decode()
    assert signed_in(cast.bob).post(f"{page}trials/", {"runs": "many"}).status_code == 422
