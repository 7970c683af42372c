"""What counts and what does not: verifiers, repairs, substitutes, quorums, stragglers, nested teams."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.runs import start_run
from orchestration.agent_loop import take_turn
from orchestration.engine import advance, conclude, work
from orchestration.models import Run, Turn
from orchestration.outcomes import Answered
from orchestration.turns import Claim
from tests.cast import Cast
from tests.orchestration.rehearsals import answer, asked, carried, published, rehearse, says, team_of, turns_of

YES = {"approved": True, "reasons": []}
NO = {"approved": False, "reasons": ["The sum is wrong."]}
WRONG, RIGHT = {"sum": 3}, {"sum": 4}
VERIFIED = {"checks": [{"verifier": "reviewer"}]}
INTEGER = {"type": "object", "required": ["sum"], "properties": {"sum": {"type": "integer"}}}


def verified(*verdicts: dict[str, Any], **more: Any) -> dict[str, Any]:
    agents = {"author": says(WRONG, RIGHT, **VERIFIED, **more), "reviewer": says(*verdicts), "after": says({"end": 1})}
    return team_of("sequential", agents, members=[{"agent": "author"}, {"agent": "after"}])


def test_an_output_counts_when_somebody_else_approved_it(cast: Cast) -> None:
    run = rehearse(cast, verified(YES))
    assert run.state == "finished"
    assert turns_of(cast, run) == [
        ("author", "work", "finished"), ("reviewer", "verify", "finished"), ("after", "work", "finished")
    ]  # fmt: skip
    with unit_of_work(cast.harbor):
        shown = Turn.objects.get(purpose="verify").input
    assert (shown["output"], shown["agent"], shown["asked"]) == (WRONG, "author", "Play your part.")


def test_reasons_go_back_to_the_author_once(cast: Cast) -> None:
    run = rehearse(cast, verified(NO, YES))
    assert run.state == "waiting", "a script that is asked in a new turn begins anew, so it says no again"
    assert asked(cast).rules[0]["name"] == "unverified"
    assert "The sum is wrong." in asked(cast).rules[0]["reason"]
    with unit_of_work(cast.harbor):
        author = Turn.objects.get(agent="author")
    assert (author.output, author.repairs, author.state) == (RIGHT, 1, "waiting")
    assert answer(cast).state == "finished"


@pytest.mark.parametrize("on_failure", ["skip", "stop"])
def test_who_cannot_be_verified_does_not_just_count(cast: Cast, on_failure: str) -> None:
    definition = verified({"approved": "perhaps"})
    definition["agents"]["reviewer"]["on_failure"] = on_failure
    run = rehearse(cast, definition)
    assert run.state == {"skip": "waiting", "stop": "failed"}[on_failure]


def test_a_broken_answer_is_repaired_once_with_the_complaints_shown(cast: Cast) -> None:
    shown = {"sum": 4, "told": "$complaints"}
    run = rehearse(cast, team_of("sequential", {"author": says({"sum": "four"}, shown, output=INTEGER)}))
    assert run.state == "finished"
    assert "sum" in (run.result or {})["told"][0]


def test_a_substitute_takes_the_place_of_who_failed(cast: Cast) -> None:
    failing = says({"sum": "four"}, output=INTEGER, on_failure={"substitute": "second"})
    agents = {"first": failing, "second": says(RIGHT)}
    run = rehearse(cast, team_of("sequential", agents, members=[{"agent": "first"}]))
    assert (run.state, run.result) == ("finished", RIGHT)
    assert turns_of(cast, run) == [("second", "work", "finished")]
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="turn.substituted")
    assert (event.payload["agent"], event.payload["substitute"]) == ("first", "second")


def test_two_who_stand_in_for_each_other_end_with_people(cast: Cast) -> None:
    failing = {"output": INTEGER, "brain": {"procedure": "rehearsal.script"}}
    agents = {
        "first": says({}, **failing, on_failure={"substitute": "second"}),
        "second": says({}, **failing, on_failure={"substitute": "first"}),
    }
    run = rehearse(cast, team_of("sequential", agents, members=[{"agent": "first"}]))
    assert (run.state, asked(cast).action["act"]) == ("waiting", "retry")


def test_a_verifier_who_stands_in_does_not_verify_itself(cast: Cast) -> None:
    failing = says({"sum": "four"}, output=INTEGER, on_failure={"substitute": "reviewer"}, **VERIFIED)
    agents = {"author": failing, "reviewer": says(RIGHT)}
    run = rehearse(cast, team_of("sequential", agents, members=[{"agent": "author"}]))
    assert run.state == "waiting"
    assert "cannot verify itself" in asked(cast).rules[0]["reason"]


THREE = {name: says({"by": name}) for name in ("ada", "ben", "cam")}


def test_the_first_answer_wins_and_nobody_else_is_asked(cast: Cast) -> None:
    run = rehearse(cast, team_of("concurrent", THREE, need=1))
    assert (run.state, run.result) == ("finished", {"by": "ada"})
    assert turns_of(cast, run)[1:] == [("ben", "work", "stopped"), ("cam", "work", "stopped")]


def test_with_enough_answers_the_joiner_goes_on_and_the_rest_is_dropped(cast: Cast) -> None:
    run = rehearse(cast, team_of("concurrent", {**THREE, "joan": says({"got": "$input"})}, need=2, join="joan"))
    assert run.result == {"got": {"ada": {"by": "ada"}, "ben": {"by": "ben"}}}
    assert turns_of(cast, run)[2:] == [("cam", "work", "skipped"), ("joan", "join", "finished")]


def test_stragglers_are_not_waited_for(cast: Cast) -> None:
    """Cam's worker went away in the middle; its lease runs for longer than the team waits."""
    slow = team_of("concurrent", THREE, need=3, straggler_timeout=60)
    run = rehearse(cast, slow)
    with unit_of_work(cast.harbor):
        Run.objects.filter(pk=run.pk).update(state="running", result=None, finished_at=None)
        lease = timezone.now() + timedelta(minutes=5)
        Turn.objects.filter(agent="cam").update(state="claimed", lease_until=lease, output=None, finished_at=None)
    work(cast.harbor.id, run.pk)
    with unit_of_work(cast.harbor):
        waiting = Run.objects.get(pk=run.pk)
        assert waiting.state == "running" and waiting.heal_at <= timezone.now() + timedelta(seconds=60)
        Turn.objects.filter(agent="cam").update(created_at=timezone.now() - timedelta(seconds=61))
    work(cast.harbor.id, run.pk)
    assert asked(cast).title == "Only 2 of 3 answered. Go on with that?"
    run = answer(cast)
    assert (run.state, sorted(run.result or {})) == ("finished", ["ada", "ben"])


def test_a_nested_team_nobody_waits_for_stops(cast: Cast) -> None:
    inner = {"team": {"name": "slow", "pattern": "sequential", "members": [{"agent": "ben"}]}}
    agents = {"ada": says({"by": "ada"}), "ben": says({"by": "ben"})}
    run = rehearse(cast, team_of("concurrent", agents, members=[{"agent": "ada"}, inner], need=1))
    assert run.result == {"by": "ada"}
    with unit_of_work(cast.harbor):
        nested = Run.objects.get(root=run)
    assert (nested.state, nested.reason) == ("stopped", "No longer waited for.")


NESTINGS = {
    "a conversation within a row": (
        "sequential",
        {"name": "talk", "pattern": "group_chat", "members": [{"agent": "ada"}, {"agent": "ben"}],
         "until": "last.output.by == 'ben'"},
    ),
    "a panel within a hand-over": (
        "handoff", {"name": "panel", "pattern": "concurrent", "members": [{"agent": "ada"}, {"agent": "ben"}]}
    ),
    "a row within a plan": (
        "manager", {"name": "row", "pattern": "sequential", "members": [{"agent": "ada"}, {"agent": "ben"}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTINGS)
def test_patterns_nest(cast: Cast, name: str) -> None:
    pattern, inner = NESTINGS[name]
    give = {"next": inner["name"], "task": "All", "progress": True, "done": False}
    over = {"next": None, "task": "", "progress": True, "done": True}
    agents = {
        "first": says({"handoff": {"to": "panel", "payload": {"n": 1}}} if pattern == "handoff" else {"n": 1}),
        **{name: says({"by": name}) for name in ("ada", "ben")},
    }
    more: dict[str, Any] = {"limits": {"turns": 200}}
    if pattern == "manager":
        agents["maya"] = says({"tasks": [{"task": "All", "agent": "row"}]}, give, over, {"references": [3]})
        more["manager"] = "maya"
    run = rehearse(cast, team_of(pattern, agents, members=[{"agent": "first"}, {"team": inner}], **more))
    assert run.state == "finished", run.reason
    with unit_of_work(cast.harbor):
        nested = Run.objects.get(root=run)
        assert Turn.objects.filter(run=nested, state="finished").count() == 2
    assert nested.state == "finished"


def test_a_nested_team_that_failed_may_try_again(cast: Cast) -> None:
    inner = {"team": {"name": "row", "pattern": "sequential", "members": [{"agent": "ada"}]}}
    run = rehearse(cast, team_of("sequential", {"ada": says({"sum": "x"}, output=INTEGER)}, members=[inner]))
    assert asked(cast).title == "Let row try again?"
    run = answer(cast)
    with unit_of_work(cast.harbor):
        assert Run.objects.filter(root=run).count() == 2
    assert carried(cast, run).state == "waiting"


def test_a_nested_team_that_asks_does_not_wait_for_its_neighbour(cast: Cast) -> None:
    """What the one asks is open while the other has not even begun; neither is stuck, and the whole waits at last."""
    talks = {"pattern": "group_chat", "members": [{"agent": "ada"}], "until": "false"}
    row = {"team": {"name": "row", "pattern": "sequential", "members": [{"agent": "ben"}]}}
    agents = {name: says({"by": name}) for name in ("ada", "ben")}
    members = [{"team": {"name": "talk", **talks}}, row]
    run = rehearse(cast, team_of("concurrent", agents, members=members, limits={"rounds": 2}))
    assert run.state == "waiting"
    with unit_of_work(cast.harbor):
        assert dict(Run.objects.filter(root=run).values_list("path", "state")) == {"0": "waiting", "1": "finished"}
    run = answer(cast)
    assert (run.state, run.result) == ("finished", {"talk": {"by": "ada"}, "row": {"by": "ben"}})


def test_an_answer_that_comes_after_enough_others_is_dropped(cast: Cast) -> None:
    """Three workers hold a turn each; the third answers when the joiner has begun, and again when all is over."""
    team = published(cast, team_of("concurrent", {**THREE, "joan": says({"got": "$input"})}, need=2, join="joan"))
    with unit_of_work(cast.harbor):
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Answer.")
    claims = [advance(cast.harbor.id, run.pk) for _ in range(3)]
    ada, ben, cam = [claim for claim in claims if isinstance(claim, Claim)]
    assert isinstance(advance(cast.harbor.id, run.pk), type(None)), "all three are taken"
    conclude(ada, Answered({"by": "ada"}))
    joining = conclude(ben, Answered({"by": "ben"}))
    assert conclude(cam, Answered({"by": "cam"})) is None
    assert isinstance(joining, Claim)
    conclude(joining, take_turn(joining))
    assert conclude(cam, Answered({"by": "cam"})) is None
    with unit_of_work(cast.harbor):
        over = Run.objects.get(pk=run.pk)
        assert Turn.objects.get(agent="cam").output is None
    assert (over.state, over.result) == ("finished", {"got": {"ada": {"by": "ada"}, "ben": {"by": "ben"}}})
