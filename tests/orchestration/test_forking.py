"""A run begun from a turn of another: what is taken over is not done again, what is changed makes the difference."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.errors import Conflict, Invalid
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.forking import fork_run
from orchestration.actions.means import set_endpoint, set_target
from orchestration.actions.retrying import retry_turn
from orchestration.actions.runs import start_run
from orchestration.intervening.changes import Changes
from orchestration.intervening.order import find_turn
from orchestration.models import Approval, Run, TeamVersion, ToolCall, Turn
from tests.cast import Cast, signed_in
from tests.live.receiver import Receiver
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, published, rehearse, says, team_of
from workrooms.actions.documents import add_document, add_revision

PAY = {"calls": [["webhook.send", {"body": {"pay": 12}}]], "sent": "$calls.0.status", "goal": "$goal"}
NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
ADA = says({"n": 1}, output=NUMBER)
TRIO = {"ada": ADA, "ben": says({"doubled": "$input.n"}), "cyn": says({"doubled": -1})}
PAIR = [{"agent": "ada"}, {"agent": "ben"}]
LOOK = {"name": "look", "when": "agent == 'ada' && output.n > 0"}


@pytest.fixture
def receiver(cast: Cast, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as receiver:
        settings.WORKROOM_TRUSTED_HOSTS = [receiver.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=receiver.url)
        yield receiver


def forked(cast: Cast, origin: Run, after: int, **changes: Any) -> Run:
    with unit_of_work(cast.harbor):
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        turn = find_turn(found, after) if after else None
        run = fork_run(found, turn, actor=cast.alice, changes=Changes(**changes))
    return carried(cast, run)


def rows(cast: Cast, run: Run) -> list[tuple[str, str, bool]]:
    with unit_of_work(cast.harbor):
        found = Turn.objects.filter(run=run).order_by("number")
        return [(turn.agent, turn.state, turn.replayed_from_id is not None) for turn in found]


def test_what_is_taken_over_is_not_done_again(cast: Cast, receiver: Receiver) -> None:
    payer = says(PAY, tools=["webhook.send"])
    origin = rehearse(cast, team_of("sequential", {"ada": payer, "ben": says({"goal": "$goal"})}))
    assert origin.state == "finished" and len(receiver.received) == 1
    run = forked(cast, origin, 1, goal="Another goal.")
    assert (run.state, run.result, run.number) == ("finished", {"goal": "Another goal."}, 2)
    assert rows(cast, run) == [("ada", "finished", True), ("ben", "finished", False)]
    with unit_of_work(cast.harbor):
        told: Any = run.forked
        assert run.forked_from_id == origin.pk and told["changes"] == {"goal": "Another goal."}
        assert not ToolCall.objects.filter(turn__run=run).exists()
        replayed = Event.objects.get(run=run.pk, kind="turn.replayed")
        assert (replayed.payload["from_run"], replayed.payload["output"]["sent"]) == (1, 200)
        assert Event.objects.get(run=run.pk, kind="run.started").payload["forked_from"] == str(origin.pk)
        assert run.budget.turns == 1, "the budget is its own, and what is taken over costs nothing"
        assert Run.objects.get(pk=origin.pk).state == "finished"


def test_the_same_call_is_answered_from_the_other_runs_journal(cast: Cast, receiver: Receiver) -> None:
    payer = says(PAY, tools=["webhook.send"])
    origin = rehearse(cast, team_of("sequential", {"ada": payer}))
    run = forked(cast, origin, 0, goal="Another goal.")
    assert run.result == {"sent": 200, "goal": "Another goal."} and len(receiver.received) == 1
    assert forked(cast, run, 0).state == "finished" and len(receiver.received) == 1, "also for a fork of a fork"


def test_another_agent_answers_under_the_contract_of_the_place(cast: Cast) -> None:
    origin = rehearse(cast, team_of("sequential", TRIO, PAIR))
    run = forked(cast, origin, 1, agents={"ben": "cyn"})
    assert (origin.result, run.result) == ({"doubled": 1}, {"doubled": -1})
    with unit_of_work(cast.harbor):
        assert run.version.provisional and run.version.definition["agents"]["ben"]["instructions"] != TRIO["ben"]
        assert TeamVersion.objects.filter(provisional=False).count() == 1


def test_another_model(cast: Cast) -> None:
    origin = rehearse(cast, team_of("sequential", TRIO, PAIR))
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="big", url="https://9.9.9.9/v1", model="large", key=None, price="")
    with unit_of_work(cast.harbor):
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        changes = Changes(models={"ben": "big:large"})
        run = fork_run(found, find_turn(found, 1), actor=cast.alice, changes=changes)
        assert run.version.definition["agents"]["ben"]["brain"] == {"model": {"endpoint": "big"}}


def test_another_revision(cast: Cast) -> None:
    reader = says({"calls": [["documents.read", {"document": "a.md"}]], "text": "$calls.0.text"},
                  tools=["documents.read"])  # fmt: skip
    team = published(cast, team_of("sequential", {"ada": reader}))
    with unit_of_work(cast.harbor):
        document = add_document(cast.room, actor=cast.bob, name="a.md", content=b"one")
        origin = start_run(cast.room, actor=cast.bob, team=team, goal="Read.", documents=[document])
        add_revision(document, actor=cast.bob, content=b"two", expected=1)
    assert carried(cast, origin).result == {"text": "one"}
    assert forked(cast, origin, 0, documents={document.id: 2}).result == {"text": "two"}
    for wrong in ({document.id: 3}, {origin.pk: 1}):
        with pytest.raises(Invalid):
            forked(cast, origin, 0, documents=wrong)


def test_an_edited_answer_keeps_its_contract_and_meets_the_exceptions(cast: Cast) -> None:
    origin = rehearse(cast, team_of("sequential", {**TRIO, "ada": says({"n": 0}, output=NUMBER)}, PAIR,
                                    exceptions=[LOOK]))  # fmt: skip
    assert origin.state == "finished"
    with pytest.raises(Invalid):
        forked(cast, origin, 1, output={"n": "many"})
    run = forked(cast, origin, 1, output={"n": 7})
    assert run.state == "waiting" and rows(cast, run) == [("ada", "waiting", True)]
    assert answer(cast).result == {"doubled": 7}


@pytest.mark.parametrize("members", [PAIR, [{"team": {"pattern": "sequential", "members": PAIR}}, {"agent": "cyn"}]])
def test_what_people_approved_there_is_put_to_them_again(cast: Cast, members: Any) -> None:
    assert rehearse(cast, team_of("sequential", TRIO, members, exceptions=[LOOK])).state == "waiting"
    origin = answer(cast)
    assert origin.state == "finished"
    with unit_of_work(cast.harbor):
        turn = Turn.objects.filter(user__isnull=False).order_by("-created_at").first()
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        run = fork_run(found, turn, actor=cast.alice)
    assert carried(cast, run).state == "waiting"
    with unit_of_work(cast.harbor):
        assert Approval.objects.get(state="open").requester == cast.alice
        assert not Turn.objects.filter(run=run, replayed_from=None).exists(), "nothing begins before they have said so"
    assert answer(cast).state == "finished"


def test_a_nested_turn(cast: Cast) -> None:
    members = [{"team": {"pattern": "sequential", "members": PAIR}}, {"agent": "cyn"}]
    origin = rehearse(cast, team_of("sequential", TRIO, members))
    with unit_of_work(cast.harbor):
        turn = Turn.objects.get(agent="ada")
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        run = fork_run(found, turn, actor=cast.alice, changes=Changes(output={"n": 5}))
    assert carried(cast, run).state == "finished"
    with unit_of_work(cast.harbor):
        made = Turn.objects.filter(run__root=run).order_by("number")
        assert [(one.agent, one.output, bool(one.replayed_from_id)) for one in made] == [
            ("ada", {"n": 5}, True), ("ben", {"doubled": 5}, False)
        ]  # fmt: skip


def test_a_finished_run_is_taken_up_as_a_new_one(cast: Cast) -> None:
    agents = {"ada": says({"n": 1}), "ben": says({"n": 2}), "cyn": says({"n": 3})}
    origin = rehearse(cast, team_of("concurrent", agents, join="cyn"))
    with unit_of_work(cast.harbor):
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        run = retry_turn(found, find_turn(found, 1), actor=cast.bob)
    assert carried(cast, run).state == "finished" and run.pk != origin.pk
    assert rows(cast, run) == [("ben", "finished", True), ("ada", "finished", False), ("cyn", "finished", False)]
    assert rows(cast, origin) == [(name, "finished", False) for name in agents]


def test_a_team_that_is_stricter_now_stays_so(cast: Cast) -> None:
    definition = team_of("sequential", TRIO, PAIR)
    team = published(cast, definition, "own")
    with unit_of_work(cast.harbor):
        origin = start_run(cast.room, actor=cast.bob, team=team, goal="Go.")
    carried(cast, origin)
    published(cast, {**definition, "exceptions": [LOOK]}, "own")
    with pytest.raises(Conflict, match="stricter"):
        forked(cast, origin, 1)


def test_over_the_api(cast: Cast) -> None:
    origin = rehearse(cast, team_of("sequential", TRIO, PAIR))
    bob, path = Program(cast, cast.bob), f"/runs/{origin.pk}/fork"
    Program(cast, cast.vera).send("POST", path, {"after_turn": 1}, 403)
    Program(cast, cast.mallory, cast.outsider).send("POST", path, {"after_turn": 1}, 404)
    for wrong, status in (
        ({"after_turn": 5}, 404), ({}, 422), ({"after_turn": 1, "agents": {"ben": "dan"}}, 422),
        ({"after_turn": 1, "agents": {"dan": "ben"}}, 422), ({"after_turn": 1, "models": {"ben": "none"}}, 422),
        ({"after_turn": 1, "goal": "x" * 5000}, 422), ({"after_turn": 1, "budget": {"cost_cents": -1}}, 422),
    ):  # fmt: skip
        assert bob.send("POST", path, wrong, status)["detail"], wrong
    with unit_of_work(cast.harbor):
        assert Run.objects.count() == 1 and TeamVersion.objects.count() == 1, "nothing is kept of what is refused"
    bob.headers["Idempotency-Key"] = "one"
    asked = {"after_turn": 1, "agents": {"ben": "cyn"}, "budget": {"cost_cents": 3}}
    first, again = (bob.send("POST", path, asked, 202) for _ in range(2))
    assert first["id"] == again["id"] and first["forked_from"] == str(origin.pk)
    carried(cast, Run(pk=first["id"]))
    turns = bob.get(f"/runs/{first['id']}/turns")["items"]
    assert [bool(turn["replayed_from"]) for turn in turns] == [True, False], json.dumps(turns)


def test_on_the_page(cast: Cast) -> None:
    origin = rehearse(cast, team_of("sequential", TRIO, PAIR))
    bob, page = signed_in(cast.bob), f"{cast.path}runs/{origin.number}/"
    with unit_of_work(cast.harbor):
        turn = Turn.objects.get(agent="ada")
    assert f"fork/?after={turn.pk}" in bob.get(page).content.decode()
    form = bob.get(f"{page}fork/?after={turn.pk}").content.decode()
    assert "Cyn in its place" in form and "&quot;n&quot;: 1" in form
    filled = {"after": str(turn.pk), "goal": origin.goal, "agent:ben": "", "output": '{"n": 4}'}
    assert bob.post(f"{page}fork/", {**filled, "output": "{"}).status_code == 422
    assert bob.post(f"{page}fork/", {**filled, "output": '{"n": "x"}'}).status_code == 422
    assert bob.post(f"{page}fork/", filled)["Location"] == f"{cast.path}runs/2/"
    with unit_of_work(cast.harbor):
        made = Run.objects.get(number=2, parent=None)
    assert made.forked["changes"] == {"output": {"n": 4}} and carried(cast, made).result == {"doubled": 4}
    shown = bob.get(f"{cast.path}runs/2/").content.decode()
    assert "Begun from" in shown and "taken over from run 1" in shown
    assert signed_in(cast.vera).get(f"{page}fork/").status_code == 403
