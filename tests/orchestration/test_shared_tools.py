"""Targets and sources that all runs share: their rates, their rests after failures, and quarantine."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_target
from orchestration.limits.breakers import FAILURES, let_out, put_in_quarantine
from orchestration.models import Breaker, Run, Source, Target, ToolCall, Turn
from tests.cast import Cast
from tests.live.receiver import Receiver
from tests.orchestration.boundary_room import begun, calls, carried, people
from tests.orchestration.rehearsals import says

SENDER = says({"calls": [["webhook.send", {"body": {"pay": 7}}]], "summary": "Sent."}, tools=["webhook.send"])
READER = says({"calls": [["sources.query", {"source": "people", "columns": ["city"]}]], "summary": "Read."},
              tools=["sources.query:people"])  # fmt: skip


@pytest.fixture
def receiver(cast: Cast, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=server.url)
        yield server


def sent(cast: Cast) -> Run:
    return carried(cast, begun(cast, {"payer": SENDER}))


def target(cast: Cast) -> str:
    with unit_of_work(cast.harbor):
        return f"target:{Target.objects.get().id}"


def test_over_the_rate_of_a_target_the_turn_goes_on_later_and_nothing_is_sent_twice(
    cast: Cast, receiver: Receiver
) -> None:
    with unit_of_work(cast.harbor):
        set_target(cast.room, actor=cast.alice, url=receiver.url, rate=0.01)
    assert sent(cast).state == "finished"
    second = sent(cast)
    assert (second.state, len(receiver.received)) == ("running", 1)
    assert calls(cast) == [("webhook.send", "succeeded")], "nothing is on its way that could be unclear later"
    with unit_of_work(cast.harbor):
        assert "as often as its rate allows" in Turn.objects.get(run=second).error
        Target.objects.update(rate=None)
        Turn.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert carried(cast, second).state == "finished"
    assert len(receiver.received) == 2


def test_a_short_wait_is_waited_for_by_the_worker(cast: Cast, receiver: Receiver) -> None:
    with unit_of_work(cast.harbor):
        set_target(cast.room, actor=cast.alice, url=receiver.url, rate=2)
    assert [sent(cast).state, sent(cast).state] == ["finished", "finished"]


def test_a_target_that_does_not_answer_is_left_alone_for_a_while(cast: Cast, settings: Settings) -> None:
    with Receiver() as gone:
        settings.WORKROOM_TRUSTED_HOSTS = [gone.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=gone.url)
    for _ in range(FAILURES):
        sent(cast)
    with unit_of_work(cast.harbor):
        assert Breaker.objects.get(object__startswith="target:").state == "open"
        opened = Event.objects.get(kind="target.opened")
        assert (opened.ledger_id, opened.payload["failures"]) == (cast.room.id, FAILURES)
    sent(cast)
    with unit_of_work(cast.harbor):
        last = ToolCall.objects.order_by("-created_at")[0]
        assert "failed 5 times in a row and rests until" in last.error
        assert let_out(target(cast), actor=cast.alice)


def test_what_a_receiver_refuses_is_no_failure_of_the_receiver(cast: Cast, settings: Settings) -> None:
    with Receiver(*[422] * FAILURES) as strict:
        settings.WORKROOM_TRUSTED_HOSTS = [strict.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=strict.url)
        for _ in range(FAILURES):
            sent(cast)
        with unit_of_work(cast.harbor):
            assert not Breaker.objects.filter(object__startswith="target:").exists()


def test_a_target_in_quarantine_is_sent_nothing(cast: Cast, receiver: Receiver) -> None:
    with unit_of_work(cast.harbor):
        put_in_quarantine(target(cast), actor=cast.alice, reason="It leaks.", room=cast.room)
    sent(cast)
    assert (receiver.received, calls(cast)) == ([], [("webhook.send", "failed")])
    with unit_of_work(cast.harbor):
        assert "in quarantine. It leaks." in ToolCall.objects.get().error


def test_a_source_in_quarantine_is_not_read_and_one_over_its_rate_is_read_later(cast: Cast, tmp_path: Path) -> None:
    source = people(cast, tmp_path)
    with unit_of_work(cast.harbor):
        Source.objects.update(rate=0.01)
    assert carried(cast, begun(cast, {"reader": READER})).state == "finished"
    assert carried(cast, begun(cast, {"reader": READER})).state == "running"
    with unit_of_work(cast.harbor):
        Source.objects.update(rate=None)
        put_in_quarantine(f"source:{source.id}", actor=cast.alice, reason="Wrong numbers.")
    carried(cast, begun(cast, {"reader": READER}))
    assert calls(cast)[-1] == ("sources.query", "failed")
