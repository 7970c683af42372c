"""What a service signs is believed only as the very thing it has to be, and only once."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from accounts.actions.assertions import prove_service
from accounts.actions.consents import NoConsent, issue_token
from accounts.actions.registering import replace_key
from accounts.models import Assertion, Event, Token
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import TOKEN, Program, consented, pem, registered
from tests.cast import Cast

READ = "messages.read"


@pytest.fixture
def program(cast: Cast) -> Program:
    """The claims portal, which Bob lets read messages."""
    found = registered(cast)
    consented(found, cast.bob, cast.room, (READ,))
    return found


def encoded(part: Any) -> str:
    """JSON or bytes, as a token has them."""
    plain = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def unsigned(program: Program) -> str:
    """An assertion without a signature."""
    return f"{encoded({'alg': 'none'})}.{encoded(program.claims())}."


def by_public_half(program: Program) -> str:
    """An assertion "signed" with what everybody may know: the public key, as a shared secret."""
    head = f"{encoded({'alg': 'HS256'})}.{encoded(program.claims())}"
    return f"{head}.{encoded(hmac.digest(pem(program.private).encode(), head.encode(), 'sha256'))}"


def by_another_key(program: Program) -> str:
    """An assertion in the service's name by somebody else's key."""
    return Program(program.service, Ed25519PrivateKey.generate()).signed(program.claims())


def altered(program: Program) -> str:
    """A good assertion, whose claims were changed afterwards."""
    head, _, signature = program.signed().split(".")
    return f"{head}.{encoded(program.claims(exp=int(time.time()) + 299))}.{signature}"


def saying(**claims: Any) -> Callable[[Program], str]:
    """A well-signed assertion that says something else."""
    return lambda program: program.signed(program.claims(**claims))


REFUSED: dict[str, Callable[[Program], str]] = {
    "no signature": unsigned,
    "the public key as a secret": by_public_half,
    "another key": by_another_key,
    "altered": altered,
    "nothing": lambda _: "x",
    "not three parts": lambda program: program.signed().rpartition(".")[0],
    "expired": saying(iat=int(time.time()) - 600, exp=int(time.time()) - 300),
    "holds too long": saying(exp=int(time.time()) + 3600),
    "from the future": saying(iat=int(time.time()) + 86_400, exp=int(time.time()) + 86_460),
    "for another server": saying(aud="https://elsewhere.example/token"),
    "for nobody": saying(aud=None),
    "without an end": saying(exp=None),
    "without a number": saying(jti=None),
    "with an empty number": saying(jti=""),
    "with a strange number": saying(jti=7),
    "in another name": saying(iss="somebody"),
    "about another": saying(sub="somebody"),
    "endless": saying(exp=float("inf")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_prove_who_it_is(cast: Cast, program: Program, name: str) -> None:
    answer = program.token(cast.bob, "auto-claims", READ, REFUSED[name](program))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.content
    with unit_of_work(cast.harbor):
        assert not Token.objects.exists() and not Assertion.objects.exists()
        assert Event.objects.get(kind="service.denied").payload["reason"] == answer.json()["detail"]


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
def test_an_assertion_is_good_once(cast: Cast, program: Program, algorithm: str) -> None:
    assertion = program.signed(algorithm=algorithm)
    assert program.token(cast.bob, "auto-claims", READ, assertion).status_code == 200
    again = program.token(cast.bob, "auto-claims", READ, assertion)
    assert (again.status_code, again.json()["detail"]) == (401, "The assertion was used before.")
    with unit_of_work(cast.harbor):
        assert Token.objects.count() == 1


def test_an_assertion_that_was_refused_for_want_of_consent_is_spent_too(cast: Cast, program: Program) -> None:
    assertion = program.signed()
    assert program.token(cast.pat, "auto-claims", READ, assertion).status_code == 400
    assert program.token(cast.bob, "auto-claims", READ, assertion).status_code == 401


def test_one_service_does_not_sign_for_another(cast: Cast, program: Program) -> None:
    other = registered(cast, "Fleet portal")
    asked = program.asked(cast.bob, "auto-claims", READ, other.signed())
    assert Client().post(TOKEN, asked).json()["error"] == "invalid_client"
    asked = program.asked(cast.bob, "auto-claims", READ, other.signed(program.claims()))
    assert Client().post(TOKEN, asked).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": ""}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"scope": "approvals.decide"}, None),
        ({"scope": ""}, None),
        ({"room": "x\0y"}, "invalid_request"),
        ({"person": "\0"}, "invalid_request"),
    ],
)
def test_what_asks_for_no_token_of_ours(cast: Cast, program: Program, given: dict[str, str], error: str | None) -> None:
    answer = Client().post(TOKEN, program.asked(cast.bob, "auto-claims", READ) | given)
    assert answer.status_code in (400, 401, 422)
    assert answer.json().get("error") == error
    with unit_of_work(cast.harbor):
        assert not Token.objects.exists()


def test_a_name_that_is_no_text_is_one_all_the_same(cast: Cast, program: Program) -> None:
    signed = f"{encoded({'alg': 'EdDSA'})}.{encoded(program.claims(jti=chr(0xD800)))}"
    assertion = f"{signed}.{encoded(program.private.sign(signed.encode()))}"
    assert program.token(cast.bob, "auto-claims", READ, assertion).status_code == 200
    assert program.token(cast.bob, "auto-claims", READ, assertion).status_code == 401


@pytest.mark.parametrize("known", [True, False])
def test_too_many_that_do_not_hold_are_not_looked_at(cast: Cast, program: Program, known: bool) -> None:
    wrong = program.asked(cast.bob, "auto-claims", READ, "a.b.c")
    wrong |= {} if known else {"client_id": str(cast.bob.id)}
    for _ in range(30):
        assert Client().post(TOKEN, wrong).status_code == 401
    assert Client().post(TOKEN, wrong).status_code == 429
    assert program.token(cast.bob, "auto-claims", READ).status_code == 429, "nobody finds out from there what holds"
    with unit_of_work(cast.harbor):
        assert Event.objects.filter(kind="service.denied").count() == (30 if known else 0)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post(TOKEN, program.asked(cast.bob, "auto-claims", READ))
    assert elsewhere.status_code == 200, "others go on"


def test_those_that_hold_are_not_counted(cast: Cast, program: Program) -> None:
    for _ in range(31):
        assert program.token(cast.pat, "auto-claims", READ).json()["error"] == "invalid_grant"


def test_a_key_that_was_replaced_meanwhile_brings_no_token(cast: Cast, program: Program) -> None:
    with unit_of_work(cast.harbor):
        proved = prove_service(program.service.id, program.signed(), f"{settings.PUBLIC_URL}{TOKEN}")
        replace_key(program.service, actor=cast.alice, pem=pem(Ed25519PrivateKey.generate()))
    with unit_of_work(cast.harbor), pytest.raises(NoConsent):
        issue_token(proved, person=str(cast.bob.email), room=cast.room.id, verbs=[READ])
