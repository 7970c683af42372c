"""Where agents of a room may reach outside: a list that is checked before the call and once more at the door."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.errors import Invalid
from accounts.tenancy import unit_of_work
from orchestration.actions.boundaries import set_egress
from orchestration.actions.means import set_target
from orchestration.tools.outbound import OutboundRefused, is_allowed, refuse_private
from orchestration.tools.webhook import Refused, send
from tests.cast import Cast
from tests.live.receiver import Receiver
from tests.orchestration.boundary_room import begun, calls, carried, events
from tests.orchestration.rehearsals import says

SENDER = says({"calls": [["webhook.send", {"body": {"pay": 7}}]], "summary": "Sent."}, tools=["webhook.send"])


@pytest.fixture
def sending(cast: Cast, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        with unit_of_work(cast.harbor):
            set_target(cast.room, actor=cast.alice, url=server.url)
        yield server


@pytest.mark.parametrize(
    ("allowed", "place", "expected"),
    [
        (None, "pay.example:443", True),
        ([], "pay.example:443", False),
        (["pay.example"], "pay.example:8443", True),
        (["pay.example"], "PAY.example:443", True),
        (["pay.example"], "evil.pay.example:443", False),
        (["pay.example"], "pay.example.evil.test:443", False),
        (["pay.example:443"], "pay.example:8443", False),
        (["pay.example:443"], "pay.example:443", True),
        (["*.example"], "pay.example:443", True),
        (["*.example"], "example:443", False),
        (["*.example"], "notexample:443", False),
        (["127.0.0.1"], "127.0.0.1:80", True),
        (["[::1]"], "[::1]:80", True),
        (["pay.example"], "", False),
    ],
)
def test_what_a_list_allows(allowed: list[str] | None, place: str, expected: bool) -> None:
    assert is_allowed(place, allowed) is expected


def test_the_door_itself_refuses_what_is_not_on_the_list() -> None:
    with pytest.raises(OutboundRefused, match="not among the places that agents of this room may reach"):
        refuse_private("http://127.0.0.1:9", ["127.0.0.1:9"], ["pay.example"])
    with Receiver() as server, pytest.raises(Refused, match="not among the places"):
        send(server.url, {}, "key", trusted=[server.place], allowed=[])
    assert server.received == []


def test_a_place_on_the_list_is_reached(cast: Cast, sending: Receiver) -> None:
    with unit_of_work(cast.harbor):
        set_egress(cast.room, actor=cast.alice, hosts=[sending.place])
    run = carried(cast, begun(cast, {"payer": SENDER}))
    assert (run.state, [one["body"] for one in sending.received]) == ("finished", [{"pay": 7}])


def test_any_other_is_refused_and_the_boundary_named(cast: Cast, sending: Receiver) -> None:
    with unit_of_work(cast.harbor):
        set_egress(cast.room, actor=cast.alice, hosts=["pay.example"])
    carried(cast, begun(cast, {"payer": SENDER}))
    assert (sending.received, calls(cast)) == ([], [("webhook.send", "denied")])
    factor = events(cast, "authority.denied")[0]["factors"]["data"]
    assert (factor["boundary"], factor["outcome"]) == ("egress of the room", "deny")
    assert factor["reason"] == "The place is not among those that agents of this room may reach."


def test_without_a_list_every_target_of_the_room_is_reached(cast: Cast, sending: Receiver) -> None:
    with unit_of_work(cast.harbor):
        set_egress(cast.room, actor=cast.alice, hosts=[])
        set_egress(cast.room, actor=cast.alice, hosts=None)
    assert carried(cast, begun(cast, {"payer": SENDER})).state == "finished"
    assert len(sending.received) == 1
    assert [told["hosts"] for told in events(cast, "egress.set")] == [[], None]


@pytest.mark.parametrize("host", ["http://pay.example", "pay.example/x", "pay example", "a:99999", "*", "*.*.x", "-x"])
def test_what_is_no_place_is_refused(cast: Cast, host: str) -> None:
    with pytest.raises(Invalid, match="cannot be used"), unit_of_work(cast.harbor):
        set_egress(cast.room, actor=cast.alice, hosts=[host])
