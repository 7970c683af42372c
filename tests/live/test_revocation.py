"""Whoever is taken out, quarantined or signed out loses everything at once: page, API, socket, and a turn under way.

How long each door took is measured and printed. What is asserted is the order that the database kept: after the
revocation's last event, no act of the agent succeeds. The turn under way waits, in the middle of it, for its model.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
from allauth.usersessions.models import UserSession
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.actions.members import take_out
from accounts.actions.tokens import create_token, revoke_token
from accounts.identity import revoke_keys
from accounts.models import Event, Ledger, Token
from accounts.sessions import end_sessions_of
from accounts.tenancy import unit_of_work
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.limits.quarantine import quarantine_agent
from orchestration.models import Agent, Run, ToolCall, Turn
from orchestration.tools.catalogue import TOOLS
from tests.cast import Cast, signed_in
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.orchestration.claims_room import published
from tests.orchestration.test_authority_runs import ANSWER, READ, TEAM, WRITE
from tests.workrooms.conftest import web
from workrooms.actions.documents import add_document
from workrooms.actions.participants import remove_participant
from workrooms.models import Workroom

__all__ = ["web"]
ACTS = {tool.event for tool in TOOLS.values()} | {"turn.finished", "message.posted"}
PATIENCE = 30


@dataclass
class Under:
    """Everything that Bob and his agent have open when the revocation comes."""

    cast: Cast
    web: str
    cookie: str
    secret: str
    run: Run
    gate: threading.Event
    worker: threading.Thread
    sockets: dict[str, ClientConnection] = field(default_factory=dict)

    def room(self) -> Workroom:
        """The room as it is now."""
        found: Workroom = Workroom.objects.get(pk=self.cast.room.pk)
        return found

    def agent(self) -> Agent:
        """The agent at work."""
        found: Agent = Agent.objects.select_related("user").get(name="reader")
        return found

    def ask(self, door: str) -> int:
        """The status of a page, of an API call with the cookie, or with the token."""
        path = self.cast.path if door == "page" else f"/api/v1/workrooms/{self.cast.room.slug}"
        headers = {"Authorization": f"Bearer {self.secret}"} if door == "token" else {"Cookie": self.cookie}
        return int(httpx2.get(f"http://{self.web}{path}", headers=headers).status_code)


@pytest.fixture
def under(cast: Cast, web: str, settings: Settings) -> Iterator[Under]:
    """Bob's browser, token and sockets on the room, and his agent in the middle of a turn."""
    gate, requests = threading.Event(), iter((READ, WRITE, ANSWER, ANSWER, ANSWER))

    def reply(body: dict[str, object]) -> Reply:
        if (said := next(requests)) is WRITE:
            assert gate.wait(PATIENCE)
        return said

    with ScriptedOpenAI(reply) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        browser = signed_in(cast.bob)
        with unit_of_work(cast.harbor):
            _, secret = create_token(cast.harbor, actor=cast.bob, name="program")
            set_endpoint(actor=cast.alice, slug="scripted", url=server.url, model="m", key="k", price="1/2")
            team = published(cast, "reader", TEAM)
            document = add_document(cast.room, actor=cast.bob, name="claim.md", content=b"Pay 7 dollars.")
            run = start_run(cast.room, actor=cast.bob, team=team, goal="Write a letter.", documents=[document])
        worker = threading.Thread(target=work, args=(cast.harbor.id, run.id))
        found = Under(cast, web, f"sessionid={browser.cookies['sessionid'].value}", secret, run, gate, worker)
        assert [found.ask(door) for door in ("page", "API", "token")] == [200] * 3
        headers = {"cookie": {"Cookie": found.cookie}, "token": {"Authorization": f"Bearer {secret}"}}
        for name, header in headers.items():
            address = f"ws://{web}/ws/workrooms/{cast.room.id}"
            origin = f"http://{web}" if name == "cookie" else None
            found.sockets[name] = connect(address, additional_headers=header, origin=origin)  # type: ignore[arg-type]
            assert "catch-up" in str(found.sockets[name].recv(10))
        worker.start()
        server.wait_for_requests(2)
        yield found
        gate.set()
        worker.join(PATIENCE)
        for socket in found.sockets.values():
            socket.close()


def person_removed(under: Under) -> None:
    remove_participant(under.room(), actor=under.cast.alice, user=under.cast.bob)


def membership_ended(under: Under) -> None:
    take_out(under.cast.harbor, actor=under.cast.alice, user_id=under.cast.bob.id)


def agent_quarantined(under: Under) -> None:
    quarantine_agent(under.room(), "reader", actor=under.cast.alice, reason="Odd.")


def key_revoked(under: Under) -> None:
    revoke_keys(under.agent().user, under.room(), actor=under.cast.alice)


def token_revoked(under: Under) -> None:
    revoke_token(Token.objects.get(name="program"), actor=under.cast.bob)


def session_ended(under: Under) -> None:
    assert UserSession.objects.filter(user=under.cast.bob).exists()
    end_sessions_of(under.cast.bob, actor=under.cast.alice)


Doors = dict[str, int]
OPEN: Doors = {"page": 200, "API": 200, "token": 200}
CASES: dict[str, tuple[Callable[[Under], None], Doors, Doors, bool]] = {
    "person removed from the room": (
        person_removed,
        {"page": 404, "API": 404, "token": 404},
        {"cookie": 4403, "token": 4403},
        True,
    ),
    "membership ended": (
        membership_ended,
        {"page": 404, "API": 404, "token": 401},
        {"cookie": 4403, "token": 4401},
        True,
    ),
    "agent quarantined": (agent_quarantined, OPEN, {}, True),
    "agent's key revoked": (key_revoked, OPEN, {}, True),
    "token revoked": (token_revoked, OPEN | {"token": 401}, {"token": 4401}, False),
    "session ended": (session_ended, OPEN | {"page": 302, "API": 401}, {"cookie": 4401}, False),
}


@pytest.mark.parametrize("name", CASES)
def test_everything_is_lost_at_once(under: Under, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    revoke, doors, sockets, ends_the_turn = CASES[name]
    with unit_of_work(under.cast.harbor):
        revoke(under)
    committed, took = time.monotonic(), {}
    with unit_of_work(under.cast.harbor):
        last = Ledger.objects.get(pk=under.cast.room.id).seq
    for door, status in doors.items():
        assert under.ask(door) == status, door
        if status != 200:
            took[f"{door} {status}"] = time.monotonic() - committed
    for socket, code in sockets.items():
        assert closed(under.sockets[socket]) == code
        took[f"socket by {socket} {code}"] = time.monotonic() - committed
    under.gate.set()
    under.worker.join(PATIENCE)
    said = after(under, last, ends_the_turn)
    with capsys.disabled():
        print(f"\n{name}: " + " · ".join([*(f"{door} in {1000 * each:.0f} ms" for door, each in took.items()), said]))


def closed(socket: ClientConnection) -> int:
    """The code with which the server closes the socket."""
    try:
        while True:
            socket.recv(PATIENCE)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0


def after(under: Under, last: int, ends_the_turn: bool) -> str:
    """Check what the room's ledger has after its event `last`, and say it."""
    with unit_of_work(under.cast.harbor):
        later = list(Event.objects.filter(ledger_id=under.cast.room.id, seq__gt=last).order_by("seq"))
        calls = list(ToolCall.objects.order_by("created_at").values_list("tool", "state"))
        turn = Turn.objects.get()
    kinds = [event.kind for event in later]
    own = {event.kind for event in later if event.actor.startswith("agent:")}
    if not ends_the_turn:
        assert calls == [("documents.read", "succeeded"), ("documents.write", "succeeded")]
        assert turn.state == "finished"
        return "the run goes on: its person still may"
    assert calls == [("documents.read", "succeeded"), ("documents.write", "denied")]
    assert "authority.denied" in kinds
    assert own.isdisjoint(ACTS), own
    assert turn.state != "finished"
    return f"turn: its next act is denied at #{later[kinds.index('authority.denied')].seq}, after #{last}"
