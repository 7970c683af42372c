"""A turn is taken again: what came after it is set aside, what was sent is not sent again."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts.errors import Conflict, NotFound
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_target
from orchestration.actions.retrying import retry_turn
from orchestration.engine import advance
from orchestration.intervening.order import find_turn
from orchestration.models import Approval, Run, ToolCall, Turn
from tests.cast import Cast, signed_in
from tests.live.receiver import Receiver
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, rehearse, says, team_of

PAY = {"calls": [["webhook.send", {"body": {"pay": 12}}]], "sent": "$calls.0.status"}
PAYER = says(PAY, tools=["webhook.send"])
NESTED = [{"team": {"pattern": "sequential", "members": [{"agent": "ada"}, {"agent": "ben"}]}}, {"agent": "cyn"}]


def asks_about(agent: str) -> dict[str, str]:
    return {"name": "look", "when": f"agent == '{agent}'"}


@pytest.fixture
def receiver(cast: Cast, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as receiver:
        settings.WORKROOM_TRUSTED_HOSTS = [receiver.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=receiver.url)
        yield receiver


def rejected(cast: Cast, definition: dict[str, Any]) -> Run:
    """A run that went on until people were asked, and said no."""
    assert rehearse(cast, definition).state == "waiting"
    run = answer(cast, "reject")
    assert run.state == "stopped"
    return run


def retried(cast: Cast, run: Run, agent: str) -> Run:
    with unit_of_work(cast.harbor):
        turn = Turn.objects.exclude(state="superseded").get(agent=agent)
        retry_turn(Run.objects.get(pk=run.pk), find_turn(run, turn.pk), actor=cast.bob)
    return carried(cast, run)


def turns(cast: Cast) -> list[tuple[int, str, str, str]]:
    with unit_of_work(cast.harbor):
        rows = Turn.objects.filter(user__isnull=False).order_by("created_at", "number")
        return [(turn.number, turn.agent, turn.step, turn.state) for turn in rows]


def test_what_came_after_is_set_aside_and_what_was_sent_is_not_sent_again(cast: Cast, receiver: Receiver) -> None:
    agents = {"ada": PAYER, "ben": says({"n": "$input.sent"})}
    run = rejected(cast, team_of("sequential", agents, exceptions=[asks_about("ben")]))
    assert len(receiver.received) == 1
    run = retried(cast, run, "ada")
    assert (run.state, run.reason) == ("waiting", "")
    assert turns(cast) == [
        (1, "ada", "0", "superseded"), (2, "ben", "1", "superseded"), (3, "ada", "0", "finished"),
        (4, "ben", "1", "waiting"),
    ]  # fmt: skip
    run = answer(cast)
    assert (run.state, run.result) == ("finished", {"n": 200, "decided_by": "Pat"})
    assert len(receiver.received) == 1, "the payment is not made twice"
    with unit_of_work(cast.harbor):
        kinds = list(Event.objects.filter(run=run.pk).order_by("seq").values_list("kind", flat=True))
        assert kinds.count("webhook.sent") == 1 and kinds.count("tool.replayed") == 1
        assert kinds.index("run.retried") < kinds.index("turn.superseded") < kinds.index("tool.replayed")
        assert ToolCall.objects.filter(state="succeeded").count() == 1


def test_what_was_approved_before_that_turn_stands_and_is_carried_out(cast: Cast) -> None:
    agents = {"ada": says({"n": 1}), "ben": says({"n": 2})}
    definition = team_of("sequential", agents, exceptions=[asks_about("ada"), {**asks_about("ben"), "name": "too"}])
    assert rehearse(cast, definition).state == "waiting"
    assert answer(cast).state == "waiting"
    run = answer(cast, "reject")
    with unit_of_work(cast.harbor):
        assert Approval.objects.get(turn__agent="ada").execution == "failed"
    assert retried(cast, run, "ben").state == "waiting"
    assert answer(cast).state == "finished"
    with unit_of_work(cast.harbor):
        assert [one.execution for one in Approval.objects.filter(state="approved")] == ["executed", "executed"]


def test_a_turn_of_a_nested_team(cast: Cast, receiver: Receiver) -> None:
    agents = {"ada": PAYER, "ben": says({"n": 2}), "cyn": says({"n": 3})}
    run = rejected(cast, team_of("sequential", agents, NESTED, exceptions=[asks_about("cyn")]))
    assert retried(cast, run, "ben").state == "waiting"
    assert [turn for turn in turns(cast) if turn[1] != "ada"] == [
        (2, "ben", "0.1", "superseded"), (2, "cyn", "1", "superseded"), (3, "ben", "0.1", "finished"),
        (3, "cyn", "1", "waiting"),
    ]  # fmt: skip
    assert answer(cast).state == "finished" and len(receiver.received) == 1
    with unit_of_work(cast.harbor):
        assert Turn.objects.get(agent="ada").attempt == 1


def test_who_worked_beside_it_is_not_asked_again(cast: Cast) -> None:
    agents = {"ada": says({"n": 1}), "ben": says({"n": 2}), "cyn": says({"n": 3})}
    definition = team_of("concurrent", agents, exceptions=[asks_about("ada")], join="cyn")
    run = rejected(cast, definition)
    assert retried(cast, run, "ada").state == "waiting" and answer(cast).state == "finished"
    assert [turn for turn in turns(cast) if turn[1] == "ben"] == [(2, "ben", "1", "finished")]


def test_verifiers_look_again(cast: Cast) -> None:
    ada = says({"n": 1}, checks=[{"verifier": "ben"}])
    yes = says({"approved": True, "reasons": []})
    agents = {"ada": ada, "ben": yes, "cyn": says({"n": 3})}
    members = [{"agent": "ada"}, {"agent": "cyn"}]
    run = rejected(cast, team_of("sequential", agents, members, exceptions=[asks_about("cyn")]))
    with unit_of_work(cast.harbor):
        verifying = Turn.objects.get(purpose="verify")
        assert find_turn(run, verifying.pk).agent == "ada"
    assert retried(cast, run, "ada").state == "waiting" and answer(cast).state == "finished"
    assert [turn[1:] for turn in turns(cast) if turn[1] == "ben"] == [
        ("ben", "0?0.0", "superseded"), ("ben", "0?0.0", "finished")
    ]  # fmt: skip


def test_when_it_cannot_be_taken_again(cast: Cast) -> None:
    run = rehearse(cast, team_of("sequential", {"ada": says({"n": 1})}, exceptions=[asks_about("ada")]))
    with unit_of_work(cast.harbor), pytest.raises(Conflict, match="is waiting"):
        retry_turn(run, find_turn(run, 1), actor=cast.bob)
    run = answer(cast, "reject")
    retried(cast, run, "ada")
    with unit_of_work(cast.harbor), pytest.raises(NotFound):
        find_turn(run, 1)


def test_a_lost_hint_keeps_nothing(cast: Cast) -> None:
    run = rejected(cast, team_of("sequential", {"ada": says({"n": 1})}, exceptions=[asks_about("ada")]))
    with unit_of_work(cast.harbor):
        retry_turn(run, find_turn(run, 1), actor=cast.bob)
    with unit_of_work(cast.harbor):
        row = Run.objects.get(pk=run.pk)
        assert row.heal_at is not None and row.state == "queued", "heal will look after it"
    assert advance(cast.harbor.id, run.pk) is not None


def test_over_the_api_and_on_the_page(cast: Cast) -> None:
    run = rejected(cast, team_of("sequential", {"ada": says({"n": 1})}, exceptions=[asks_about("ada")]))
    bob, page = Program(cast, cast.bob), f"{cast.path}runs/{run.number}/"
    shown = signed_in(cast.bob).get(page).content.decode()
    assert "Take it again" in shown and "Take it again" not in signed_in(cast.vera).get(page).content.decode()
    Program(cast, cast.vera).send("POST", f"/runs/{run.pk}/retry", {"turn": 1}, 403)
    Program(cast, cast.mallory, cast.outsider).send("POST", f"/runs/{run.pk}/retry", {"turn": 1}, 404)
    for wrong, status in (({"turn": 9}, 404), ({"turn": str(run.pk)}, 404), ({"turn": "odd"}, 422), ({}, 422)):
        bob.send("POST", f"/runs/{run.pk}/retry", wrong, status)
    bob.headers["Idempotency-Key"] = "one"
    first, again = (bob.send("POST", f"/runs/{run.pk}/retry", {"turn": 1}, 202) for _ in range(2))
    assert first == again and first["state"] == "queued"
    del bob.headers["Idempotency-Key"]
    bob.send("POST", f"/runs/{run.pk}/retry", {"turn": 2}, 404)
    assert carried(cast, run).state == "waiting"
    listed = bob.get(f"/runs/{run.pk}/turns")["items"]
    assert [(turn["member"], turn["state"]) for turn in listed] == [("0", "superseded"), ("0", "waiting")]
    assert "Set aside" in signed_in(cast.bob).get(page).content.decode()
    answer(cast, "reject")
    with unit_of_work(cast.harbor):
        turn = Turn.objects.get(run=run, number=2)
    assert signed_in(cast.bob).post(f"{page}retry/", {"turn": str(turn.pk)}).status_code == 302
    assert carried(cast, run).state == "waiting"
