"""API v1 of rooms, as a program with a token sees it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.models import User
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in

Answer = Any
ROOM = "/api/v1/workrooms/auto-claims"


@pytest.fixture
def call(cast: Cast) -> Callable[..., Answer]:
    """`call(user, method, path, body)` with a token of the user's; paths are beneath /api/v1."""
    tokens: dict[str, str] = {}

    def secret_of(user: User) -> str:
        if user.name not in tokens:
            organization = cast.outsider if user == cast.mallory else cast.harbor
            with unit_of_work(organization):
                tokens[user.name] = create_token(organization, actor=user, name="program")[1]
        return tokens[user.name]

    def make(user: User, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent: dict[str, Any] = (
            {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        )
        bearer = {"Authorization": f"Bearer {secret_of(user)}", **headers}
        return Client().generic(method, f"/api/v1{path}", **sent, headers=bearer)

    return make


def test_me(cast: Cast, call: Callable[..., Answer]) -> None:
    me = call(cast.bob, "GET", "/me").json()
    assert me["organization"]["slug"] == "harbor" and me["relations"] == {str(cast.room.id): "editor"}


def test_rooms_begin_change_and_end(cast: Cast, call: Callable[..., Answer]) -> None:
    made = call(cast.charlie, "POST", "/workrooms", {"name": "Fleet"})
    assert made.status_code == 201 and made.json()["slug"] == "fleet"
    assert call(cast.charlie, "POST", "/workrooms", {"name": "Fleet"}).status_code == 409
    changed = call(cast.charlie, "PATCH", "/workrooms/fleet", {"purpose": "Vans"}).json()
    assert (changed["name"], changed["purpose"]) == ("Fleet", "Vans")
    assert call(cast.charlie, "POST", "/workrooms/fleet/archive").json()["state"] == "archived"
    refused = call(cast.charlie, "POST", "/workrooms/fleet/messages", {"body": "too late"})
    assert refused.status_code == 409 and "Fleet is archived" in refused.json()["detail"]
    assert call(cast.charlie, "POST", "/workrooms/fleet/restore").json()["state"] == "active"
    assert [room["slug"] for room in call(cast.charlie, "GET", "/workrooms").json()["items"]] == ["fleet"]


def test_participants(cast: Cast, call: Callable[..., Answer]) -> None:
    path = "/workrooms/auto-claims/participants"
    new = {"email": cast.charlie.email, "relation": "viewer"}
    assert call(cast.bob, "POST", path, new).status_code == 403
    assert call(cast.alice, "POST", path, new).status_code == 201
    assert call(cast.charlie, "GET", "/workrooms/auto-claims").status_code == 200
    assert call(cast.alice, "PATCH", f"{path}/{cast.charlie.id}", {"relation": "king"}).status_code == 422
    assert call(cast.alice, "PATCH", f"{path}/{cast.charlie.id}", {"relation": "editor"}).json()["relation"] == "editor"
    assert call(cast.alice, "DELETE", f"{path}/{cast.charlie.id}").status_code == 204
    assert call(cast.charlie, "GET", "/workrooms/auto-claims").status_code == 404
    last = call(cast.alice, "DELETE", f"{path}/{cast.alice.id}")
    assert last.status_code == 409 and "last owner" in last.json()["detail"]


def test_messages_and_what_changed_since(cast: Cast, call: Callable[..., Answer]) -> None:
    path = "/workrooms/auto-claims/messages"
    ids = [call(cast.bob, "POST", path, {"body": f"number {n}"}).json()["id"] for n in range(3)]
    page = call(cast.vera, "GET", f"{path}?limit=2").json()
    assert [item["id"] for item in page["items"]] == ids[:2] and page["next"] == str(page["items"][-1]["changed_seq"])
    rest = call(cast.vera, "GET", f"{path}?limit=2&after={page['next']}").json()
    assert [item["id"] for item in rest["items"]] == ids[2:] and rest["next"] is None
    call(cast.bob, "PATCH", f"{path}/{ids[0]}", {"body": "number zero"})
    again = call(cast.vera, "GET", f"{path}?after={rest['items'][-1]['changed_seq']}").json()["items"]
    assert [(item["id"], item["state"]) for item in again] == [(ids[0], "edited")]
    assert call(cast.bob, "DELETE", f"{path}/{ids[1]}").status_code == 204
    reply = call(cast.bob, "POST", path, {"body": "yes", "thread": ids[2]}).json()
    assert reply["thread"] == ids[2]
    nul = call(cast.bob, "POST", path, {"body": "a\0b"})
    assert nul.status_code == 422 and "NUL" in nul.json()["detail"]


def test_an_idempotency_key_is_honoured(cast: Cast, call: Callable[..., Answer]) -> None:
    path = "/workrooms/auto-claims/messages"
    answers = [call(cast.bob, "POST", path, {"body": "once"}, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json() and answers[1]["Idempotent-Replayed"] == "true"
    assert len(call(cast.bob, "GET", path).json()["items"]) == 1
    other = call(cast.bob, "POST", path, {"body": "twice"}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 422


def test_documents_and_their_conflicts(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    made = browser.post(f"{ROOM}/documents", {"file": SimpleUploadedFile("note.md", b"one")}).json()
    path = f"{ROOM}/documents/{made['id']}"
    assert browser.get(f"{path}/content").getvalue() == b"one"

    def revise(text: bytes, match: str) -> Answer:
        file = {"file": SimpleUploadedFile("note.md", text)}
        return browser.post(f"{path}/revisions", file, headers={"If-Match": match})

    assert revise(b"two", '"1"').json()["number"] == 2
    conflict = revise(b"mine", '"1"')
    assert conflict.status_code == 409 and conflict["Content-Type"] == "application/problem+json"
    assert (conflict.json()["theirs"], conflict.json()["yours"], conflict.json()["current"]) == ("two", "mine", 2)
    assert revise(b"x", "").status_code == 422
    shown = browser.get(path).json()
    assert shown["text"] == "two" and [row["number"] for row in shown["revisions"]] == [2, 1]
    assert browser.get(f"{path}?revision=1").json()["text"] == "one"
    assert browser.get(f"{path}/content?revision=9").status_code == 404
    assert [item["name"] for item in browser.get(f"{ROOM}/documents").json()["items"]] == ["note.md"]
    assert browser.get(f"{ROOM}/search?q=two").json()["items"][0]["kind"] == "document"


def test_events_and_exports(cast: Cast, call: Callable[..., Answer]) -> None:
    events = call(cast.olivia, "GET", "/workrooms/auto-claims/events?kind=participant.added").json()["items"]
    assert [event["payload"]["relation"] for event in events] == ["editor", "approver", "auditor", "viewer", "agent"]
    assert call(cast.vera, "GET", "/workrooms/auto-claims/events").status_code == 403
    exported = call(cast.olivia, "GET", "/workrooms/auto-claims/audit.jsonl").getvalue().splitlines()
    assert json.loads(exported[0])["count"] == len(exported) - 1
    assert call(cast.olivia, "GET", "/workrooms/auto-claims/audit.csv").getvalue().startswith(b"seq,")
    assert call(cast.alice, "GET", "/organization/events").json()["items"][0]["kind"] == "organization.created"
    assert call(cast.bob, "GET", "/organization/events").status_code == 403
    assert call(cast.alice, "GET", "/organization/audit.jsonl").status_code == 200


def test_errors_have_one_shape(cast: Cast, call: Callable[..., Answer]) -> None:
    for answer, status in (
        (call(cast.bob, "GET", "/workrooms/no-such-room"), 404),
        (call(cast.charlie, "GET", "/workrooms/auto-claims"), 404),
        (call(cast.bob, "GET", "/workrooms/auto-claims/messages?after=x"), 422),
        (call(cast.bob, "POST", "/workrooms/auto-claims/messages", {"nothing": 1}), 422),
        (Client().get("/api/v1/me"), 401),
        (Client().get("/api/v1/me", headers={"Authorization": "Bearer wrong"}), 401),
    ):
        assert answer.status_code == status and answer["Content-Type"] == "application/problem+json", answer.content
        assert {"type", "title", "status", "detail", "errors"} <= answer.json().keys()
    missing, foreign = call(cast.charlie, "GET", "/workrooms/none"), call(cast.charlie, "GET", ROOM.split("v1")[1])
    assert missing.json() == foreign.json()


def test_a_session_writes_only_with_its_csrf_token(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.bob, "allauth.account.auth_backends.AuthenticationBackend")
    body: dict[str, Any] = {"data": json.dumps({"body": "hi"}), "content_type": "application/json"}
    assert browser.post(f"{ROOM}/messages", **body).status_code == 403
    browser.get(cast.path)
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post(f"{ROOM}/messages", **body, headers=token).status_code == 201


def test_the_description_is_public_in_the_house(cast: Cast) -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert "/api/v1/workrooms/{room}/messages" in described["paths"]
    assert Client().get("/api/v1/docs").status_code == 200


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_cannot_be_kept_is_no_fault_of_ours(cast: Cast, call: Callable[..., Answer], text: str) -> None:
    reason = {"kind": "relation", "relation": "editor", "room": "auto-claims", "reason": text}
    for path, body in (
        ("/access-requests", reason),
        ("/access-requests", {"kind": "source", "source": text, "room": "auto-claims", "reason": "For the audit."}),
        ("/delegations", {"deputy": str(cast.bob.id), "until": "2099-01-01T00:00:00Z", "room": text}),
        ("/consents", {"service": text, "room": "auto-claims", "verbs": ["messages.read"]}),
    ):
        answer = call(cast.vera, "POST", path, body)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json"), path
    page = signed_in(cast.vera).post("/o/harbor/access/", reason | {"link": cast.path, "reason": "a\0b"})
    assert page.status_code == 422 and b"cannot be kept" in page.content


@pytest.mark.parametrize("until", ["2026-12-30T00:00:00", "9999-12-31T00:00:00Z"])
def test_a_time_needs_its_zone_and_an_end(cast: Cast, call: Callable[..., Answer], until: str) -> None:
    asked = {"kind": "relation", "relation": "editor", "room": "auto-claims", "reason": "For a week.", "until": until}
    away = {"deputy": str(cast.bob.id), "until": until}
    for path, body in (("/access-requests", asked), ("/delegations", away)):
        answer = call(cast.vera, "POST", path, body)
        assert answer.status_code == 422 and "until" in answer.json()["errors"][0]["path"], path
    last = {"until": "9999-12-31T00:00:00Z", "since": "9999-12-30T00:00:00Z"}
    assert call(cast.vera, "POST", "/delegations", away | last).status_code == 201
