"""A service of another system: it proves itself by its key, and acts for a person only as that person consented."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.actions.consents import revoke_consent
from accounts.actions.members import take_out
from accounts.actions.organizations import add_member
from accounts.actions.registering import replace_key, revoke_service
from accounts.models import Consent, Event, Service, Token
from accounts.relations import revoke
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import TOKEN, Program, consented, pem, registered
from tests.cast import Cast
from workrooms.actions.participants import add_participant, change_relation, remove_participant
from workrooms.models import Message

ROOM = "/api/v1/workrooms/auto-claims"
READ = "messages.read"


@pytest.fixture
def program(cast: Cast) -> Program:
    """The claims portal, registered with its key."""
    return registered(cast)


def test_what_a_service_does_is_its_own_act_in_the_name_of_the_person(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room, ("messages.read", "messages.post"))
    bearer = program.bearer(cast.bob, "auto-claims", "messages.read messages.post")
    posted = Client().post(f"{ROOM}/messages", {"body": "Arrived."}, "application/json", headers=bearer)
    assert posted.status_code == 201, posted.content
    said = posted.json()
    assert (said["author"]["kind"], said["author"]["name"]) == ("service", "Claims portal")
    assert said["on_behalf_of"]["name"] == "Bob" and "for Bob" in said["html"]
    assert Client().get(f"{ROOM}/messages", headers=bearer).json()["items"][-1]["body"] == "Arrived."
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="message.posted")
        assert (event.actor, event.on_behalf_of) == (program.service.user.ledger_name, cast.bob.ledger_name)
        assert event.decision is not None
        assert Consent.objects.get().last_used_at is not None
        issued = Event.objects.get(kind="token.issued")
        assert (issued.actor, issued.on_behalf_of) == (program.service.user.ledger_name, cast.bob.ledger_name)


def test_nothing_but_what_was_asked_for(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    refused = Client().post(f"{ROOM}/messages", {"body": "x"}, "application/json", headers=bearer)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "The service was not granted messages.post."
    assert Client().get(f"{ROOM}/documents", headers=bearer).status_code == 403
    for closed in (
        "/api/v1/approvals",
        "/api/v1/workrooms",
        f"{ROOM}/events",
        f"{ROOM}/participants",
        "/api/v1/consents",
    ):
        assert Client().get(closed, headers=bearer).status_code == 403, closed
    assert Client().get("/api/v1/workrooms/other", headers=bearer).status_code == 404
    assert Client().get("/o/harbor/settings/", headers=bearer).status_code == 302
    with unit_of_work(cast.harbor):
        assert not Message.objects.exists()
        denied = Event.objects.filter(kind="authority.denied").first()
        assert denied is not None and denied.payload["tool"] == "messages.post"
        assert denied.payload["factors"]["person"]["outcome"] == "permit"
        assert denied.payload["factors"]["agent"]["outcome"] == "deny"
        assert (denied.actor, denied.on_behalf_of) == (program.service.user.ledger_name, cast.bob.ledger_name)
        kept = Event.objects.filter(kind="access.denied").values_list("actor", flat=True)
        assert set(kept) == {program.service.user.ledger_name}


@pytest.mark.parametrize(
    "who,room,scope",
    [("bob", "auto-claims", "runs.start"), ("pat", "auto-claims", READ), ("bob", "elsewhere", READ),
     ("mallory", "auto-claims", READ), ("bob", "burrow", READ)],
)  # fmt: skip
def test_without_consent_to_exactly_this_there_is_no_token(
    cast: Cast, program: Program, who: str, room: str, scope: str
) -> None:
    consented(program, cast.bob, cast.room, (READ,))
    assert program.token(cast.bob, "auto-claims", READ).status_code == 200
    answer = program.token(getattr(cast, who), room, scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert answer.json()["detail"] == (
        "Nobody with this address has consented to this in this room, or no longer does."
    )


def test_a_consent_lapses(cast: Cast, program: Program) -> None:
    consent = consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    with unit_of_work(cast.harbor):
        Consent.objects.filter(pk=consent.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 401
    assert program.token(cast.bob, "auto-claims", READ).json()["error"] == "invalid_grant"


def test_what_is_taken_back_counts_with_the_next_call(cast: Cast, program: Program) -> None:
    consent = consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 200
    with unit_of_work(cast.harbor):
        revoke_consent(consent, actor=cast.bob)
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 401
    assert program.token(cast.bob, "auto-claims", READ).status_code == 400


@pytest.mark.parametrize("how", ["revoked", "another key"])
def test_a_service_that_is_ended(cast: Cast, program: Program, how: str) -> None:
    consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    with unit_of_work(cast.harbor):
        if how == "revoked":
            revoke_service(program.service, actor=cast.alice)
        else:
            replace_key(program.service, actor=cast.alice, pem=pem(Ed25519PrivateKey.generate()))
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 401
    assert program.token(cast.bob, "auto-claims", READ).json()["error"] == "invalid_client"


def test_a_person_who_may_no_longer_takes_the_service_with_them(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", "messages.read messages.post")
    post = {"body": "x"}
    with unit_of_work(cast.harbor):
        change_relation(cast.room, actor=cast.alice, user=cast.bob, relation="viewer")
    refused = Client().post(f"{ROOM}/messages", post, "application/json", headers=bearer)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "The person who asked may not post message in this room.",
    )
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 200
    with unit_of_work(cast.harbor):
        remove_participant(cast.room, actor=cast.alice, user=cast.bob)
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 401


def test_who_comes_back_consents_anew(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room)
    with unit_of_work(cast.harbor):
        take_out(cast.harbor, actor=cast.alice, user_id=cast.bob.id)
        add_member(cast.harbor, actor=cast.alice, user=cast.bob)
        add_participant(cast.room, actor=cast.alice, user=cast.bob, relation="editor")
    assert program.token(cast.bob, "auto-claims", READ).json()["error"] == "invalid_grant"
    with unit_of_work(cast.harbor):
        ended = Event.objects.get(kind="consent.revoked")
        assert ended.actor == cast.alice.ledger_name


def test_a_room_that_the_person_may_no_longer_see_is_missing(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room)
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    with unit_of_work(cast.harbor):
        revoke(cast.alice, cast.bob, cast.room)
    assert Client().get(f"{ROOM}/messages", headers=bearer).status_code == 404
    assert Client().get("/api/v1/workrooms/nowhere", headers=bearer).status_code == 404


def test_another_tenants_service_is_nobody_here(cast: Cast, program: Program) -> None:
    consented(program, cast.bob, cast.room)
    with unit_of_work(cast.outsider):
        assert not Service.objects.exists() and not Consent.objects.exists()
    bearer = program.bearer(cast.bob, "auto-claims", READ)
    assert Client().get("/api/v1/workrooms/burrow", headers=bearer).status_code == 404
    forms = program.asked(cast.bob, "auto-claims", READ) | {"client_id": str(cast.mallory.id)}
    assert Client().post(TOKEN, forms).json()["error"] == "invalid_client"
    with unit_of_work(cast.harbor):
        assert Token.objects.count() == 1


def test_of_consents_given_at_once_one_stands(cast: Cast, program: Program) -> None:
    begin = Barrier(4)

    def give(number: int) -> None:
        begin.wait()
        try:
            consented(program, cast.bob, cast.room, (READ,), days=number + 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(give, range(4))) == [None] * 4
    with unit_of_work(cast.harbor):
        assert (Consent.objects.count(), Consent.objects.filter(revoked_at=None).count()) == (4, 1)
