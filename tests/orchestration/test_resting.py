"""An agent whose turns fail too often in a row rests: its teams go on without it, and people are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.limits.breakers import FAILURES
from orchestration.models import Approval, Breaker, Run, Team, Turn
from tests.cast import Cast, signed_in
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import carried, published, says, team_of
from workrooms.models import Message

BROKEN = {"type": "object", "required": ["never"]}
WANTS = {"type": "object", "required": ["fine"]}


def flaky(on_failure: Any, **others: Any) -> dict[str, Any]:
    """A team whose first agent answers well only where the goal's input says what it should."""
    ada = says({"fine": "$input.fine"}, output={**WANTS, "properties": {"fine": {"type": "integer"}}})
    return team_of("sequential", {"ada": {**ada, "on_failure": on_failure}, **others}, [{"agent": "ada"}])


def goes(cast: Cast, team: Team, good: bool = False) -> Run:
    """A run in which ada fails, or does well."""
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Go.", input={"fine": 1 if good else "no"})
    return carried(cast, run)


def breaker(cast: Cast) -> Breaker:
    with unit_of_work(cast.harbor):
        row: Breaker = Breaker.objects.get()
        return row


def kinds(cast: Cast) -> list[str]:
    with unit_of_work(cast.harbor):
        rows = Event.objects.filter(
            object__startswith="agent:", kind__in=["agent.opened", "agent.closed", "agent.told"]
        )
        told = Event.objects.filter(kind__in=["agent.released", "agent.told"])
        return list((rows | told).order_by("seq").values_list("kind", flat=True))


def over(cast: Cast) -> None:
    """Its rest is over."""
    with unit_of_work(cast.harbor):
        Breaker.objects.update(retry_at=timezone.now() - timedelta(seconds=1))


def attempts(cast: Cast, run: Run) -> list[tuple[str, str, int]]:
    with unit_of_work(cast.harbor):
        return [(turn.agent, turn.state, turn.attempt) for turn in Turn.objects.filter(run=run).order_by("number")]


def test_it_rests_after_failures_in_a_row_and_its_team_goes_on_at_once(cast: Cast) -> None:
    ben = says({"by": "ben"})
    team = published(cast, flaky({"substitute": "ben"}, ben=ben), "own")
    for _ in range(FAILURES - 1):
        assert goes(cast, team).result == {"by": "ben"}
    assert (breaker(cast).state, breaker(cast).failures) == ("closed", FAILURES - 1)
    assert goes(cast, team).result == {"by": "ben"}
    assert breaker(cast).state == "open" and kinds(cast) == ["agent.opened", "agent.told"]
    with unit_of_work(cast.harbor):
        said = Message.objects.filter(thread=None, author=None).order_by("-created_at").first()
        assert said is not None and "ada" in said.html and "5 turns of it failed in a row" in said.html
    run = goes(cast, team, good=True)
    assert run.result == {"by": "ben"}, "ada is not even asked"
    with unit_of_work(cast.harbor):
        gave_way = Event.objects.filter(kind="turn.substituted", run=run.pk).get()
        assert gave_way.payload["reason"].startswith(f"It failed {FAILURES} times in a row and rests until")
    assert breaker(cast).failures == FAILURES, "what it was not given does not count against it"


def test_answers_in_between_begin_the_count_anew(cast: Cast) -> None:
    team = published(cast, flaky("stop"), "own")
    for _ in range(FAILURES - 1):
        goes(cast, team)
    assert goes(cast, team, good=True).state == "finished"
    for _ in range(FAILURES - 1):
        goes(cast, team)
    assert (breaker(cast).state, breaker(cast).failures) == ("closed", FAILURES - 1)


def test_one_turn_tries_it_once_the_rest_is_over(cast: Cast) -> None:
    team = published(cast, flaky("stop"), "own")
    for _ in range(FAILURES):
        goes(cast, team)
    first = breaker(cast).retry_at
    assert first is not None
    refused = goes(cast, team, good=True)
    assert (refused.state, "rests until" in refused.reason) == ("failed", True)
    over(cast)
    assert goes(cast, team).state == "failed"
    again = breaker(cast)
    assert again.retry_at is not None and (again.failures, again.retry_at > first) == (FAILURES + 1, True), "for longer"
    over(cast)
    assert goes(cast, team, good=True).state == "finished" and breaker(cast).state == "closed"
    assert goes(cast, team, good=True).state == "finished"
    assert kinds(cast) == ["agent.opened", "agent.told", "agent.opened", "agent.closed"]


def test_a_team_that_tries_again_waits_for_the_rest_to_end(cast: Cast) -> None:
    team = published(cast, flaky("retry"), "own")
    for _ in range(FAILURES - 1):
        assert attempts(cast, goes(cast, team)) == [("ada", "failed", 3)]
    assert breaker(cast).failures == FAILURES - 1, "a turn counts once, however often it was tried"
    goes(cast, team)
    run = goes(cast, team, good=True)
    assert (run.state, attempts(cast, run)) == ("running", [("ada", "claimed", 1)])
    over(cast)
    with unit_of_work(cast.harbor):
        assert Event.objects.filter(kind="turn.postponed", run=run.pk).exists()
        Turn.objects.filter(run=run).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert carried(cast, run).state == "finished"


def test_people_are_asked_where_the_team_says_so_and_end_the_rest_with_one_click(cast: Cast) -> None:
    team = published(cast, flaky("ask"), "own")
    for _ in range(FAILURES):
        goes(cast, team)
    run = goes(cast, team, good=True)
    assert run.state == "waiting"
    page = f"runs/{run.number}/"
    for path in (page, "teams/own/", "authority/"):
        shown = signed_in(cast.alice).get(f"{cast.path}{path}").content.decode()
        assert "rests until" in shown and "End the rest of ada" in shown, path
    assert "End the rest of ada" not in signed_in(cast.vera).get(f"{cast.path}{page}").content.decode()
    refused = signed_in(cast.bob).post(f"{cast.path}authority/agents/", {"agent": "ada", "on": "", "back": page})
    assert refused.status_code == 403 and breaker(cast).state == "open"
    moved = signed_in(cast.alice).post(f"{cast.path}authority/agents/", {"agent": "ada", "on": "", "back": page})
    assert moved["Location"] == f"{cast.path}{page}" and breaker(cast).state == "closed"
    elsewhere = {"agent": "ada", "on": "", "back": "//elsewhere.example/"}
    assert signed_in(cast.alice).post(f"{cast.path}authority/agents/", elsewhere).status_code == 409
    with unit_of_work(cast.harbor):
        question = Approval.objects.get(run=run, state="open")
        decide_approval(question, actor=cast.alice, decision="approve", digest=question.digest)
        released = Event.objects.get(kind="agent.released")
        assert (released.actor, released.payload["agent"]) == (cast.alice.ledger_name, "ada")
    assert carried(cast, run).state == "finished"


def test_over_the_api(cast: Cast) -> None:
    team = published(cast, flaky("stop"), "own")
    for _ in range(FAILURES):
        goes(cast, team)
    path = f"/workrooms/{cast.room.slug}/agents/ada/release"
    Program(cast, cast.bob).send("POST", path, status=403)
    assert Program(cast, cast.alice).send("POST", path) == {"agent": "ada", "quarantined": False}
    Program(cast, cast.alice).send("POST", path, status=409)


@pytest.mark.parametrize("rests", [False, True])
def test_a_turn_of_one_that_works_asks_the_database_nothing_of_it(cast: Cast, rests: bool) -> None:
    team = published(cast, flaky("stop"), "own")
    other = published(cast, team_of("sequential", {"cyn": says({"n": 1})}), "other")
    for _ in range(FAILURES if rests else 1):
        goes(cast, team)
    goes(cast, other)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=other, goal="Go.", input={})
    with CaptureQueriesContext(
        connection,
    ) as asked:
        work(cast.harbor.id, run.pk)
    assert not [one["sql"] for one in asked if "orchestration_breaker" in one["sql"]]
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.pk).state == "finished" and Breaker.objects.get().state == (
            "open" if rests else "closed"
        )
