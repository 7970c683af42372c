"""A service from its registration to its end, over real HTTP: by a plain client, which knows the addresses only.

How long a revocation took is printed. What is asserted is the order: after it is answered, no call succeeds.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.models import Consent, Event, Service
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import Program
from tests.cast import Cast, signed_in
from tests.workrooms.conftest import serving

ROOM = "/api/v1/workrooms/auto-claims"
OUTSIDE = {f"{ROOM}/documents": 403, "/api/v1/workrooms/elsewhere": 404, "/api/v1/approvals": 403}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the server's own log goes."""
    return tmp_path / "server.log"


@pytest.fixture
def server(cast: Cast, log: Path) -> Iterator[httpx2.Client]:
    """A plain client of a real server."""
    with log.open("wb") as file, serving(file.fileno()) as place, httpx2.Client(base_url=f"http://{place}") as client:
        yield client


def origin(server: httpx2.Client, scheme: str = "http") -> str:
    """Where the server is."""
    return f"{scheme}://{server.base_url.host}:{server.base_url.port}"


def browser_of(server: httpx2.Client, cast: Cast, name: str) -> httpx2.Client:
    """Somebody's browser: their session, and the token that forms carry."""
    made = signed_in(getattr(cast, name))
    cookies = {"sessionid": made.cookies["sessionid"].value}
    browser = httpx2.Client(base_url=server.base_url, cookies=cookies)
    browser.get("/o/harbor/consents/")
    browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
    return browser


def registered_on_the_page(server: httpx2.Client, cast: Cast) -> Program:
    """The owner registers a service; its key is made there and shown once."""
    owner = browser_of(server, cast, "alice")
    shown = owner.post("/o/harbor/settings/services/", data={"name": "Claims portal", "kind": "agent"})
    pem = re.search(r"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", shown.text, re.DOTALL)
    assert pem and pem[0] not in owner.get("/o/harbor/settings/services/").text
    private = load_pem_private_key(pem[0].encode(), None)
    assert isinstance(private, Ed25519PrivateKey)
    with unit_of_work(cast.harbor):
        return Program(Service.objects.select_related("user").get(), private)


def test_the_whole_way(cast: Cast, server: httpx2.Client, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, bob = registered_on_the_page(server, cast), browser_of(server, cast, "bob")
    assertions: list[str] = []

    def ask(scope: str) -> httpx2.Response:
        assertions.append(program.signed(program.claims(aud=f"{origin(server)}/api/v1/token")))
        return server.post("/api/v1/token", data=program.asked(cast.bob, "auto-claims", scope, assertions[-1]))

    asked = {"service": "claims-portal", "room": "auto-claims", "verbs": "messages.read messages.post", "days": "7"}
    assert ask("messages.read").json()["error"] == "invalid_grant"
    question = bob.get("/o/harbor/consents/new/", params=asked).text
    assert all(
        words in question for words in ("Claims portal", "an agent of another system", "Read messages", "7 days")
    )
    assert bob.post("/o/harbor/consents/new/", data=asked | {"answer": "refuse"}).status_code == 302
    assert ask("messages.read").json()["error"] == "invalid_grant"
    assert bob.post("/o/harbor/consents/new/", data=asked | {"answer": "allow"}).status_code == 302
    assert ask("messages.read documents.read").json()["error"] == "invalid_grant"

    given = ask("messages.read messages.post")
    assert (given.status_code, given.headers["cache-control"]) == (200, "no-store")
    secret = given.json()["access_token"]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert server.post(f"{ROOM}/messages", json={"body": "Arrived."}, headers=bearer).status_code == 201
    assert server.get(f"{ROOM}/messages", headers=bearer).json()["items"][-1]["body"] == "Arrived."
    assert {path: server.get(path, headers=bearer).status_code for path in OUTSIDE} == OUTSIDE
    assert closed(f"{origin(server, 'ws')}/ws/workrooms/{cast.room.id}", bearer) == 4401
    assert "never used" not in bob.get("/o/harbor/consents/").text

    with unit_of_work(cast.harbor):
        consent = Consent.objects.get(revoked_at=None)
    began = time.monotonic()
    assert bob.post(f"/o/harbor/consents/{consent.id}/revoke/").status_code == 302
    answered = time.monotonic()
    assert server.get(f"{ROOM}/messages", headers=bearer).status_code == 401
    took = time.monotonic() - answered
    assert ask("messages.read").json()["error"] == "invalid_grant"
    with capsys.disabled():
        print(f"\nrevoked in {1000 * (answered - began):.0f} ms, the next call was refused in {1000 * took:.0f} ms")
    nothing_is_told(cast, log, [secret, *assertions, program.private.private_bytes_raw().hex()])


def nothing_is_told(cast: Cast, log: Path, secrets: list[str]) -> None:
    """Neither the server's log nor the ledgers hold a secret; the ledgers hold what happened."""
    written = log.read_text()
    assert "/api/v1/token" in written, "the log is not the server's"
    with unit_of_work(cast.harbor):
        events = list(Event.objects.all())
    ledgers = "".join(str(event.payload) for event in events)
    assert [secret[:12] for secret in secrets if secret in written or secret in ledgers] == []
    kinds = {event.kind for event in events}
    assert kinds >= {
        "service.registered", "service.denied", "consent.refused", "consent.given", "consent.revoked", "token.issued",
        "message.posted", "authority.denied", "access.denied",
    }  # fmt: skip


def closed(address: str, headers: dict[str, str]) -> int:
    """The code with which a socket is closed at once."""
    with connect(address, additional_headers=headers) as socket:
        try:
            socket.recv(10)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 0
    return 0
