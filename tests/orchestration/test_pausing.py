"""Pausing: nothing more begins, what is at work counts, no time passes, and it goes on where it was."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.pausing import pause_run, resume_run
from orchestration.actions.runs import start_run, stop_run
from orchestration.agent_loop import take_turn
from orchestration.engine import advance, conclude, work
from orchestration.limits.budgets import OverLimit, check_time
from orchestration.models import Run, Turn
from orchestration.tasks import heal
from orchestration.turns import Claim
from tests.cast import Cast, signed_in
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, published, rehearse, says, team_of, turns_of

PAIR = {"ada": says({"n": 1}), "ben": says({"n": 2})}
ASKS = {"name": "look", "when": "agent == 'ada'"}
NESTED = [{"team": {"pattern": "sequential", "members": [{"agent": "ada"}, {"agent": "ben"}]}}]


def begun(cast: Cast, **more: Any) -> tuple[Run, Claim]:
    """A run in which a worker holds ada's turn."""
    team = published(cast, team_of("sequential", PAIR, **more))
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Look at it.")
    claim = advance(cast.harbor.id, run.pk)
    while not isinstance(claim, Claim):
        assert claim is not None
        claim = advance(cast.harbor.id, claim.run_id)
    return run, claim


def change(cast: Cast, action: Any, run: Run) -> None:
    with unit_of_work(cast.harbor):
        action(run, actor=cast.bob)


def now(cast: Cast, run: Run) -> Run:
    with unit_of_work(cast.harbor):
        found: Run = Run.objects.get(pk=run.pk)
        return found


@pytest.mark.parametrize("members", [None, NESTED])
def test_what_is_at_work_counts_and_nothing_more_begins_until_it_goes_on(cast: Cast, members: Any) -> None:
    run, claim = begun(cast, members=members)
    at_work = take_turn(claim)
    change(cast, pause_run, run)
    assert conclude(claim, at_work) is None, "its answer is kept, and nobody goes on"
    assert carried(cast, run).state == "paused"
    with unit_of_work(cast.harbor):
        assert list(Turn.objects.filter(user__isnull=False).values_list("agent", "state")) == [("ada", "finished")]
        assert not Run.objects.filter(heal_at__isnull=False).exists(), "nobody looks after a paused run"
    change(cast, resume_run, run)
    with unit_of_work(cast.harbor):
        assert not Run.objects.filter(heal_at__isnull=True).exists(), "a lost hint keeps none of them"
    assert carried(cast, run).state == "finished"
    with unit_of_work(cast.harbor):
        kinds = list(Event.objects.filter(run=run.pk).order_by("seq").values_list("kind", flat=True))
        assert kinds.index("run.paused") < kinds.index("run.resumed") < kinds.index("run.finished")
        assert Turn.objects.get(agent="ada").attempt == 1, "the finished turn is not repeated"


@pytest.mark.parametrize("nested", [False, True])
def test_nothing_is_verified_until_it_goes_on(cast: Cast, nested: bool) -> None:
    yes = says({"approved": True, "reasons": []})
    agents = {"ada": says({"n": 1}, checks=[{"verifier": "ben"}, {"verifier": "cyn"}]), "ben": yes, "cyn": yes}
    inner = [{"agent": "ada"}]
    members = [{"team": {"pattern": "sequential", "members": inner}}] if nested else inner
    team = published(cast, team_of("sequential", agents, members))
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Look at it.")
    todo: Any = advance(cast.harbor.id, run.pk)
    for verifiers in range(3):
        while not isinstance(todo, Claim):
            todo = advance(cast.harbor.id, todo.run_id)
        at_work = take_turn(todo)
        change(cast, pause_run, run)
        assert conclude(todo, at_work) is None
        assert carried(cast, run).state == "paused"
        with unit_of_work(cast.harbor):
            began = Event.objects.filter(kind="turn.started", payload__purpose="verify").count()
            assert Turn.objects.filter(purpose="verify").count() == began == verifiers, "nothing begins in a pause"
        change(cast, resume_run, run)
        with unit_of_work(cast.harbor):
            inmost = Run.objects.order_by("-created_at").values_list("id", flat=True)[0]
        todo = advance(cast.harbor.id, inmost)
    assert carried(cast, run).state == "finished"
    with unit_of_work(cast.harbor):
        assert Event.objects.filter(kind="turn.finished", payload__agent="ada").count() == 1


def test_a_worker_that_is_lost_meanwhile_gives_its_turn_back(cast: Cast) -> None:
    run, claim = begun(cast)
    change(cast, pause_run, run)
    with unit_of_work(cast.harbor):
        Turn.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    heal()
    work(cast.harbor.id, run.pk)
    with unit_of_work(cast.harbor):
        assert Turn.objects.get().state == "ready" and Turn.objects.get().lease_until is None
    assert conclude(claim, take_turn(claim)) is None
    change(cast, resume_run, run)
    assert carried(cast, run).state == "finished"


def test_a_pause_takes_no_time(cast: Cast) -> None:
    run, claim = begun(cast)
    change(cast, pause_run, run)
    hour = timedelta(hours=1)
    with unit_of_work(cast.harbor):
        row = Run.objects.get(pk=run.pk)
        Run.objects.filter(pk=run.pk).update(started_at=row.started_at - hour, waiting_since=row.waiting_since - hour)
        check_time(Run.objects.get(pk=run.pk), 60)
    change(cast, resume_run, run)
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.pk).waited_seconds >= 3600
        check_time(Run.objects.get(pk=run.pk), 60)
        with pytest.raises(OverLimit):
            Run.objects.filter(pk=run.pk).update(waited_seconds=0)
            check_time(Run.objects.get(pk=run.pk), 60)
    conclude(claim, take_turn(claim))


def test_a_pause_makes_nobody_a_straggler(cast: Cast) -> None:
    team = team_of("concurrent", {**PAIR, "cyn": says({"n": 3})}, join="cyn", straggler_timeout=60)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=published(cast, team), goal="Look at it.")
    held = [advance(cast.harbor.id, run.pk) for _ in range(2)]
    change(cast, pause_run, run)
    with unit_of_work(cast.harbor):
        Turn.objects.update(created_at=timezone.now() - timedelta(hours=1))
    change(cast, resume_run, run)
    for claim in held:
        assert isinstance(claim, Claim), "two workers hold ada's turn and ben's"
        following = conclude(claim, take_turn(claim))
    assert isinstance(following, Claim) and conclude(following, take_turn(following)) is None
    with unit_of_work(cast.harbor):
        states = dict(Turn.objects.values_list("agent", "state"))
    assert states == {"ada": "finished", "ben": "finished", "cyn": "finished"}


@pytest.mark.parametrize("members", [None, NESTED])
def test_people_decide_while_it_is_paused(cast: Cast, members: Any) -> None:
    run = rehearse(cast, team_of("sequential", PAIR, members=members, exceptions=[ASKS]))
    assert run.state == "waiting"
    change(cast, pause_run, run)
    assert answer(cast).state == "paused"
    assert ("ben", "work", "finished") not in turns_of(cast, run)
    change(cast, resume_run, run)
    assert carried(cast, run).state == "finished"


def test_a_paused_run_can_be_stopped_and_rejected(cast: Cast) -> None:
    run, claim = begun(cast)
    change(cast, pause_run, run)
    change(cast, stop_run, run)
    conclude(claim, take_turn(claim))
    assert now(cast, run).state == "stopped"
    other = rehearse(cast, team_of("sequential", PAIR, exceptions=[ASKS]))
    change(cast, pause_run, other)
    assert answer(cast, "reject").state == "stopped"


def test_pausing_over_the_api_and_on_the_page(cast: Cast) -> None:
    run, claim = begun(cast)
    bob, vera = Program(cast, cast.bob), Program(cast, cast.vera)
    path, page = f"/runs/{run.pk}", f"{cast.path}runs/{run.number}/"
    vera.send("POST", f"{path}/pause", status=403)
    bob.send("POST", f"{path}/resume", status=409)
    bob.headers["Idempotency-Key"] = "one"
    first, again = (bob.send("POST", f"{path}/pause", status=202) for _ in range(2))
    assert first == again and (first["state"], first["reason"]) == ("paused", "Paused by Bob")
    del bob.headers["Idempotency-Key"]
    bob.send("POST", f"{path}/pause", status=409)
    shown = signed_in(cast.bob).get(page).content.decode()
    assert "Go on" in shown and "Paused by Bob" in shown and "Paused" in shown
    assert "Go on" not in signed_in(cast.vera).get(page).content.decode()
    assert signed_in(cast.bob).post(f"{page}resume/").status_code == 302
    following = conclude(claim, take_turn(claim))
    assert isinstance(following, Claim) and conclude(following, take_turn(following)) is None
    assert now(cast, run).state == "finished"
    bob.send("POST", f"{path}/pause", status=409)
    with unit_of_work(cast.harbor):
        told = Event.objects.filter(kind="run.told", payload__state="paused")
        assert told.exists(), "the headline says so"
