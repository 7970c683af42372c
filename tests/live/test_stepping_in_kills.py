"""`kill -9` of the worker while people step in: trials, runs begun from others, and pauses come out as without it."""

import os
from contextlib import suppress
from pathlib import Path

import psycopg

from accounts.errors import Conflict
from accounts.models import Event
from accounts.tenancy import unit_of_work
from config.demo.claims_data import generate
from orchestration.actions.forking import fork_run
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.runs import start_run
from orchestration.actions.trying import start_trial
from orchestration.models import Approval, Run, Team, Trial, TriedRun, Turn
from tests.cast import Cast
from tests.live.workers import Worker, running, wait_until
from tests.orchestration.claims_room import furnish
from workrooms.models import Message, Revision

ROWS = 16
LEASE_SECONDS = 3
ENOUGH = 90


def test_two_kills_change_nothing(cast: Cast, tmp_path: Path) -> None:
    furnish(cast, tmp_path, ROWS)
    with running(WORKROOM_TURN_LEASE_SECONDS=str(LEASE_SECONDS)) as worker:
        begin(cast, generate(ROWS).claims)
        paused_over_a_kill(cast, worker)
        finished = ended(cast)
        letters, entries = count(cast)
        trial = tried_over_a_kill(cast, worker)
        assert count(cast) == (letters, entries), "a trial leaves nothing"
        forked_over_a_kill(cast, worker, finished)
    with unit_of_work(cast.harbor):
        outcomes = set(TriedRun.objects.filter(trial=trial).values_list("outcome", flat=True))
        assert outcomes == {"same"}, list(TriedRun.objects.values_list("outcome", "reason"))
        assert Event.objects.filter(kind="trial.finished").count() == 1
        forks = Run.objects.filter(parent=None).exclude(forked_from=None)
        assert {run.result["due_cents"] == run.forked_from.result["due_cents"] for run in forks} == {True}
        assert Revision.objects.filter(document__name__startswith="letter-").count() == letters, "no letter twice"
        doubled = Turn.objects.values_list("run", "member")
        assert len(set(doubled)) == doubled.count()


def begin(cast: Cast, rows: list[dict[str, str]]) -> None:
    with unit_of_work(cast.harbor):
        team = Team.objects.select_related("published").get(slug="auto-claims")
        for row in rows:
            start_run(cast.room, actor=cast.bob, team=team, goal="Settle.", input=row, subject=row["policy_number"])


def paused_over_a_kill(cast: Cast, worker: Worker) -> None:
    """Pause everything while turns are held, kill who holds them, and go on."""
    wait_until(lambda: held() >= 2, ENOUGH, "turns are held", 0.002)
    with unit_of_work(cast.harbor):
        going = list(Run.objects.filter(parent=None, state__in=["queued", "running"]).order_by("-id"))
    for run in going:
        with suppress(Conflict), unit_of_work(cast.harbor):
            pause_run(run, actor=cast.bob)
    worker.kill()
    worker.restart()
    wait_until(lambda: held() == 0, ENOUGH, "nobody holds a turn of a paused run")
    with unit_of_work(cast.harbor):
        paused = list(Run.objects.filter(parent=None, state="paused"))
        assert paused, "nothing was paused"
        for run in paused:
            resume_run(run, actor=cast.bob)
    wait_until(lambda: at_rest(cast), ENOUGH, "every run finished or waits")


def tried_over_a_kill(cast: Cast, worker: Worker) -> Trial:
    with unit_of_work(cast.harbor):
        team = Team.objects.select_related("published", "workroom").get(slug="auto-claims")
        trial = start_trial(team, actor=cast.bob, runs=50)

    def done() -> int:
        with unit_of_work(cast.harbor):
            return int(TriedRun.objects.exclude(outcome="").count())

    wait_until(lambda: done() >= 2, ENOUGH, "two runs are tried", 0.01)
    worker.kill()
    with unit_of_work(cast.harbor):
        assert TriedRun.objects.filter(outcome="").exists(), "the kill came too late to show anything"
    worker.restart()

    def over() -> bool:
        with unit_of_work(cast.harbor):
            return bool(Trial.objects.filter(pk=trial.pk, state="finished").exists())

    wait_until(over, ENOUGH, "the trial is finished")
    return trial


def forked_over_a_kill(cast: Cast, worker: Worker, finished: list[Run]) -> None:
    with unit_of_work(cast.harbor):
        for run in finished:
            turn = Turn.objects.select_related("run", "user").get(run=run, agent="adjudicator")
            fork_run(run, turn, actor=cast.alice)
    worker.kill()
    worker.restart()
    wait_until(lambda: at_rest(cast), ENOUGH, "every run that was begun from another is over")


def ended(cast: Cast) -> list[Run]:
    with unit_of_work(cast.harbor):
        rows = Run.objects.filter(parent=None, state="finished").select_related("version__team__published", "workroom")
        straight = rows.exclude(pk__in=Approval.objects.values("run"))
        found = list(straight.order_by("number"))
    assert len(found) >= 3, "too few claims are settled without people to show anything"
    return found


def count(cast: Cast) -> tuple[int, int]:
    """Letters and entries of the timeline."""
    with unit_of_work(cast.harbor):
        letters = Revision.objects.filter(document__name__startswith="letter-").count()
        return letters, Message.objects.count()


def held() -> int:
    query = "SELECT count(*) FROM orchestration_turn WHERE state = 'claimed' AND user_id IS NOT NULL"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        return owner.execute(query).fetchone()[0]  # type: ignore[index, no-any-return]


def at_rest(cast: Cast) -> bool:
    with unit_of_work(cast.harbor):
        resting = (*Run.ENDED, Run.State.WAITING)
        return not Run.objects.exclude(state__in=resting).exists()
