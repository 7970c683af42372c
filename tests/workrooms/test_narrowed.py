"""What the door for narrowed tokens lets through: of people's own tokens, and of services, by label and rule."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.actions.registering import revoke_service
from accounts.actions.tokens import create_token
from accounts.labelling import set_clearance, set_label
from accounts.models import Event, User
from accounts.tenancy import unit_of_work
from config.api import api
from tests.accounts.service_house import EVERYTHING, Program, consented, registered
from tests.cast import Cast, signed_in
from tests.isolation.addresses import calls
from tests.orchestration.claims_room import published
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.actions.rules import set_rules
from workrooms.api.narrowed import CALLS
from workrooms.models import Document, Message

ROOM = "/api/v1/workrooms/auto-claims"
RESTRICTED = {"level": "restricted"}
IN_EUROPE = {"level": "internal", "residency": ["EU"]}


@pytest.fixture
def program(cast: Cast) -> Program:
    """The claims portal, which Bob lets do everything a service can do."""
    found = registered(cast)
    consented(found, cast.bob, cast.room)
    return found


def bearer(program: Program, cast: Cast, scope: str = " ".join(EVERYTHING)) -> dict[str, str]:
    return program.bearer(cast.bob, "auto-claims", scope)


def own_token(cast: Cast, actor: User, *verbs: str) -> dict[str, str]:
    with unit_of_work(cast.harbor):
        _, secret = create_token(cast.harbor, actor=actor, name="nightly", verbs=verbs)
    return {"Authorization": f"Bearer {secret}"}


def post(path: str, body: Any, headers: dict[str, str]) -> Any:
    return Client().post(path, body, "application/json", headers=headers)


def document(cast: Cast, name: str, label: dict[str, Any] | None = None) -> str:
    """A document of Alice's, labelled if said; its id."""
    with unit_of_work(cast.harbor):
        row = add_document(cast.room, actor=cast.alice, name=name, content=b"the secret word")
        if label:
            set_label(f"document:{row.id}", label, actor=cast.alice, ledger=cast.room.id)
    return str(row.id)


def test_the_table_names_calls_that_there_are() -> None:
    known = {call.replace("/api/v1", "", 1) for call in calls()}
    assert CALLS.keys() <= known
    paths = {"/" + str(each.pattern).replace("<", "{").replace(">", "}") for each in api.urls[0]}
    assert {call.partition(" ")[2] for call in CALLS} <= paths, "as the door reads them"
    governing = ("approvals", "audit", "policies", "tokens", "consents", "services", "endpoints", "participants")
    assert not [call for call in CALLS if any(word in call for word in governing)]


def test_a_call_that_is_not_in_the_table_is_closed(cast: Cast, program: Program) -> None:
    """All but what anybody may call, signed in or not."""
    own, others = own_token(cast, cast.alice, *EVERYTHING), {f"/api/v1{call.partition(' ')[2]}" for call in CALLS}
    anybody = {"POST /api/v1/token", "GET /api/v1/schemas/team.json"}
    closed = {call for call in calls() if call.replace("/api/v1", "", 1) not in CALLS} - anybody
    assert len(closed) > 100 and {call.partition(" ")[2] for call in closed} - others
    for call in sorted(closed):
        method, _, path = call.partition(" ")
        named = re.sub(r"\{(seq|number|size)\}", "1", path.replace("{room}", "auto-claims").replace("{form}", "jsonl"))
        asked = re.sub(r"\{\w+\}", str(cast.room.id), named)
        for token in (own, bearer(program, cast)):
            answer = Client().generic(method, asked, b"{}", content_type="application/json", headers=token)
            assert (answer.status_code, "cannot make this call" in answer.json()["detail"]) == (403, True), call


def test_who_may_only_write_reads_nothing_in_a_conflict(cast: Cast, program: Program) -> None:
    path = f"{ROOM}/documents/{document(cast, 'note.md')}/revisions"
    for token, told in (
        (own_token(cast, cast.bob, "documents.write"), False),
        (bearer(program, cast, "documents.write"), False),
        (bearer(program, cast, "documents.write documents.read"), True),
        (own_token(cast, cast.bob), True),
    ):
        file = {"file": SimpleUploadedFile("note.md", b"mine")}
        answer = Client().post(path, file, headers=token | {"If-Match": '"7"'})
        assert (answer.status_code, answer.json()["current"]) == (409, 1)
        assert ("the secret word" in answer.content.decode()) == told


def test_a_persons_own_token_can_be_narrowed(cast: Cast) -> None:
    narrow, whole = own_token(cast, cast.pat, "messages.read"), own_token(cast, cast.pat)
    for path, allowed in ((f"{ROOM}/messages", 200), (f"{ROOM}/documents", 403), ("/api/v1/approvals", 403)):
        assert Client().get(path, headers=whole).status_code == 200
        assert Client().get(path, headers=narrow).status_code == allowed, path
    refused = post(f"{ROOM}/messages", {"body": "x"}, narrow)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "This token does not let its bearer write messages.",
    )
    assert Client().get("/api/v1/me", headers=narrow).json()["scope"] == ["messages.read"]
    assert Client().get("/metrics", headers=narrow | {"X-Forwarded-For": "9.9.9.9"}).status_code == 403
    assert Client().get("/metrics", headers=whole | {"X-Forwarded-For": "9.9.9.9"}).status_code == 200


def test_a_narrowed_token_makes_no_message_a_command(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        published(cast, "librarian")
    narrow = own_token(cast, cast.bob, "messages.post")
    assert post(f"{ROOM}/messages", {"body": "@librarian find all"}, narrow).status_code == 201
    with unit_of_work(cast.harbor):
        assert not Event.objects.filter(kind="run.started").exists()


def test_a_services_mention_starts_nothing_and_its_run_is_its_own_act(cast: Cast, program: Program) -> None:
    with unit_of_work(cast.harbor):
        published(cast, "librarian")
    token = bearer(program, cast)
    assert post(f"{ROOM}/messages", {"body": "@librarian find all"}, token).status_code == 201
    with unit_of_work(cast.harbor):
        assert not Event.objects.filter(kind="run.started").exists()
    started = post(f"{ROOM}/runs", {"team": "librarian", "goal": "Find all."}, token)
    assert started.status_code == 202, started.content
    assert Client().get(f"/api/v1/runs/{started.json()['id']}", headers=token).status_code == 200
    assert post(f"/api/v1/runs/{started.json()['id']}/stop", {}, token).status_code == 403
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="run.started")
        assert (event.actor, event.on_behalf_of) == (program.service.user.ledger_name, cast.bob.ledger_name)
        assert event.decision is not None
        assert "for Bob, through Claims portal" in Message.objects.get(run=event.run, kind="run").html


def test_what_a_service_writes_counts_as_from_outside(cast: Cast, program: Program) -> None:
    added = Client().post(
        f"{ROOM}/documents", {"file": SimpleUploadedFile("note.md", b"words")}, headers=bearer(program, cast)
    )
    assert added.status_code == 201
    with unit_of_work(cast.harbor):
        row = Document.objects.select_related("author").get()
        assert (row.author.kind, row.author.name) == ("service", "Claims portal")
        event = Event.objects.get(kind="document.added")
        assert (event.actor, event.on_behalf_of) == (program.service.user.ledger_name, cast.bob.ledger_name)


@pytest.mark.parametrize("label", [RESTRICTED, IN_EUROPE, {"level": "internal", "tags": ["need:board"]}])
def test_what_may_not_flow_to_a_service_is_missing_for_it(cast: Cast, program: Program, label: dict[str, Any]) -> None:
    token, kept = bearer(program, cast), document(cast, "kept.md", label)
    free = document(cast, "free.md")
    assert Client().get(f"{ROOM}/documents/{kept}", headers=own_token(cast, cast.bob)).status_code == 200
    none = f"{'0' * 8}-0000-7000-8000-{'0' * 12}"
    for tail in ("", "/content"):
        answers = [Client().get(f"{ROOM}/documents/{each}{tail}", headers=token) for each in (kept, none)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert Client().get(f"{ROOM}/documents/{free}", headers=token).status_code == 200
    listed = Client().get(f"{ROOM}/documents", headers=token).json()["items"]
    assert [each["name"] for each in listed] == ["free.md"]
    found = Client().get(f"{ROOM}/search?q=secret", headers=token).content.decode()
    assert kept not in found and free in found
    with unit_of_work(cast.harbor):
        why = Event.objects.filter(kind="authority.denied", object=f"document:{kept}").first()
        assert why is not None and why.payload["factors"]["data"]["outcome"] == "deny"


def test_a_message_above_a_service_is_not_listed(cast: Cast, program: Program) -> None:
    with unit_of_work(cast.harbor):
        secret = post_message(cast.room, actor=cast.alice, body="secret")
        post_message(cast.room, actor=cast.alice, body="free")
        set_label(f"message:{secret.id}", RESTRICTED, actor=cast.alice, ledger=cast.room.id)
    listed = Client().get(f"{ROOM}/messages", headers=bearer(program, cast)).json()["items"]
    assert [each["body"] for each in listed] == ["free"]


def test_an_owner_clears_a_service(cast: Cast, program: Program) -> None:
    kept, token = document(cast, "kept.md", IN_EUROPE), bearer(program, cast)
    assert Client().get(f"{ROOM}/documents/{kept}", headers=token).status_code == 404
    with unit_of_work(cast.harbor):
        set_clearance("peer:claims-portal", actor=cast.alice, level="internal", places=["EU"])
    assert Client().get(f"{ROOM}/documents/{kept}", headers=token).status_code == 200


def test_what_the_rules_of_the_room_would_ask_a_service_is_refused(cast: Cast, program: Program) -> None:
    with unit_of_work(cast.harbor):
        set_rules("hipaa", actor=cast.alice, room=cast.room)
        set_label(f"workroom:{cast.room.id}", {"level": "internal", "tags": ["phi"]}, actor=cast.alice)
    refused = Client().get(f"{ROOM}/messages", headers=bearer(program, cast))
    assert refused.status_code == 403
    assert refused.json()["factor"] == "room" and "ealth information" in refused.json()["detail"]


def test_a_repeated_answer_is_given_to_who_asked_first_only(cast: Cast, program: Program) -> None:
    own, service = own_token(cast, cast.bob), bearer(program, cast)
    first = post(f"{ROOM}/messages", {"body": "mine"}, own | {"Idempotency-Key": "k"})
    other = post(f"{ROOM}/messages", {"body": "mine"}, service | {"Idempotency-Key": "k"})
    again = post(f"{ROOM}/messages", {"body": "mine"}, service | {"Idempotency-Key": "k"})
    assert first.json()["id"] != other.json()["id"] == again.json()["id"]
    narrow = own_token(cast, cast.bob, "messages.read") | {"Idempotency-Key": "k"}
    assert post(f"{ROOM}/messages", {"body": "mine"}, narrow).status_code == 422


def test_everybody_in_the_room_sees_which_services_act_there(cast: Cast, program: Program) -> None:
    shown = signed_in(cast.vera).get(f"{cast.path}people/").content.decode()
    assert "Claims portal" in shown and "for Bob" in shown and "start runs" in shown
    listed = signed_in(cast.vera).get(f"{ROOM}/services").json()["items"]
    assert [(each["service"], each["person"]["name"]) for each in listed] == [("claims-portal", "Bob")]
    with unit_of_work(cast.harbor):
        revoke_service(program.service, actor=cast.alice)
    assert signed_in(cast.vera).get(f"{ROOM}/services").json()["items"] == []
