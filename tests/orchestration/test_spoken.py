"""People speak while a team works: it waits, it steers, or it interrupts."""

from typing import Any

import pytest

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.agent_loop import take_turn
from orchestration.attempts import prepare
from orchestration.engine import advance, conclude
from orchestration.holding import held_turn
from orchestration.models import Run, Turn
from orchestration.stepping import Work
from orchestration.turns import Claim
from tests.cast import Cast
from tests.orchestration.rehearsals import carried, published, says, team_of
from workrooms.actions.messages import post_message
from workrooms.actions.participants import remove_participant
from workrooms.models import Message

HEARS = {"ada": says({"heard": "$said"}), "ben": says({"heard": "$said"})}


def begun(cast: Cast, manner: str) -> tuple[Run, Claim]:
    """A run of ada, then ben, in which a worker holds ada's turn."""
    definition = team_of("sequential", HEARS, when_people_speak=manner)
    team = published(cast, definition)
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Look at it.")
    claim = advance(cast.harbor.id, run.pk)
    assert isinstance(claim, Claim)
    return run, claim


def say(cast: Cast, run: Run, body: str, who: Any = None) -> None:
    with unit_of_work(cast.harbor):
        thread = Message.objects.get(pk=Run.objects.get(pk=run.pk).thread_id)
        post_message(cast.room, actor=who or cast.bob, body=body, thread=thread)


def heard(cast: Cast, run: Run, todo: Work = None) -> dict[str, Any]:
    while isinstance(todo, Claim):
        todo = conclude(todo, take_turn(todo))
    carried(cast, run)
    with unit_of_work(cast.harbor):
        return {turn.agent: (turn.output or {}).get("heard") for turn in Turn.objects.filter(run=run)}


@pytest.mark.parametrize(("manner", "ben"), [("queue", []), ("steer", ["Bob: Leave out March."])])
def test_the_next_turn_hears_it_or_does_not(cast: Cast, manner: str, ben: list[str]) -> None:
    run, claim = begun(cast, manner)
    at_work = take_turn(claim)
    say(cast, run, "Leave out March.")
    assert heard(cast, run, conclude(claim, at_work)) == {"ada": [], "ben": ben}


def test_an_interruption_takes_the_turn_at_work_anew(cast: Cast) -> None:
    run, claim = begun(cast, "interrupt")
    at_work = take_turn(claim)
    say(cast, run, "Leave out March.")
    assert conclude(claim, at_work) is None, "what was answered without hearing it does not count"
    assert heard(cast, run) == {"ada": ["Bob: Leave out March."], "ben": ["Bob: Leave out March."]}
    with unit_of_work(cast.harbor):
        assert Event.objects.filter(kind="run.interrupted").count() == 1
        assert Turn.objects.get(agent="ada").attempt == 3


def test_what_is_said_elsewhere_interrupts_nothing(cast: Cast) -> None:
    run, claim = begun(cast, "interrupt")
    at_work = take_turn(claim)
    with unit_of_work(cast.harbor):
        post_message(cast.room, actor=cast.bob, body="Leave out March.")
    assert heard(cast, run, conclude(claim, at_work)) == {"ada": [], "ben": []}


def test_only_who_may_start_runs_is_heard(cast: Cast) -> None:
    run, claim = begun(cast, "steer")
    at_work = take_turn(claim)
    say(cast, run, "Leave out March.", cast.pat)
    with unit_of_work(cast.harbor):
        remove_participant(cast.room, actor=cast.alice, user=cast.pat)
    assert heard(cast, run, conclude(claim, at_work)) == {"ada": [], "ben": []}


def test_a_run_that_is_started_in_a_thread_hears_what_was_said_there(cast: Cast) -> None:
    team = published(cast, team_of("sequential", {"ada": says({"n": 1})}))
    with unit_of_work(cast.harbor):
        first = post_message(cast.room, actor=cast.alice, body="March is wrong.")
        post_message(cast.room, actor=cast.bob, body="So it is.", thread=first)
        asking = post_message(cast.room, actor=cast.bob, body="Look at it.", thread=first)
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Look at it.", message=asking)
    claim = advance(cast.harbor.id, run.pk)
    assert isinstance(claim, Claim)
    with unit_of_work(cast.harbor):
        lines = prepare(held_turn(claim)).assignment.messages
    assert lines == ("Alice: March is wrong.", "Bob: So it is.", "Bob: Look at it.")
