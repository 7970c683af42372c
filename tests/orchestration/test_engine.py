"""The claims team, driven through the engine in this process, against the real database."""

from pathlib import Path

from accounts.models import Event
from accounts.tenancy import unit_of_work
from config.demo.claims_cases import CASES
from orchestration.engine import work
from orchestration.models import Run, Turn
from tests.cast import Cast
from tests.orchestration.claims_room import begin, furnish, paper
from workrooms.models import Document, Message


def run_case(cast: Cast, folder: Path, index: int) -> Run:
    team = furnish(cast, folder)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, index))
    work(cast.harbor.id, run.id)
    return reloaded(cast, run)


def numbered(claim: str) -> int:
    return next(index for index, case in enumerate(CASES) if case.number == claim)


def reloaded(cast: Cast, run: Run) -> Run:
    with unit_of_work(cast.harbor):
        fresh: Run = Run.objects.select_related("headline", "thread").get(pk=run.pk)
        return fresh


STRAIGHT = {"CL-4467", "CL-4474"}


def test_every_hand_made_case_finishes_or_waits_for_people(cast: Cast, tmp_path: Path) -> None:
    team = furnish(cast, tmp_path)
    for index, case in enumerate(CASES):
        with unit_of_work(cast.harbor):
            run = begin(cast, team, paper(cast, index))
        work(cast.harbor.id, run.id)
        ended = reloaded(cast, run)
        expected = Run.State.FINISHED if case.number in STRAIGHT else Run.State.WAITING
        assert (ended.state, ended.reason) == (expected, ""), case.shows


def test_a_finished_turn_is_not_taken_again(cast: Cast, tmp_path: Path) -> None:
    run = run_case(cast, tmp_path, numbered("CL-4467"))
    with unit_of_work(cast.harbor):
        before = list(Turn.objects.values_list("id", "attempt", "finished_at"))
        events = Event.objects.count()
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        assert list(Turn.objects.values_list("id", "attempt", "finished_at")) == before
        assert Event.objects.count() == events


def test_one_claim_goes_through_the_team(cast: Cast, tmp_path: Path) -> None:
    run = run_case(cast, tmp_path, numbered("CL-4467"))
    assert (run.state, run.reason) == (Run.State.FINISHED, "")
    with unit_of_work(cast.harbor):
        agents = {turn.agent: turn.state for turn in Turn.objects.exclude(user=None)}
        letter = Document.objects.get(name__startswith="letter-")
        told = Message.objects.filter(thread=run.thread).count()
        kinds = set(Event.objects.values_list("kind", flat=True))
    assert agents == dict.fromkeys(["intake", "coverage", "fraud", "assessor", "adjudicator", "settlement"], "finished")
    assert letter.run == run.id
    assert told == 6
    assert {"run.started", "turn.started", "turn.finished", "document.read", "source.queried", "run.finished"} <= kinds
