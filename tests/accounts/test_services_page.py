"""The pages of services and consents: what owners register, what people are asked, and what is no use."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.test import Client

from accounts.models import Consent, Service, Token
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import pem, registered
from tests.cast import Cast, signed_in

SERVICES, CONSENTS = "/o/harbor/settings/services/", "/o/harbor/consents/"
PRIVATE = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
RSA = generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
GIVEN = {"service": "claims-portal", "room": "auto-claims", "verbs": "messages.read", "days": "30"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"public_key": "words"}, "no Ed25519 public key"),
        ({"public_key": PRIVATE}, "This is a private key"),
        ({"public_key": RSA.decode()}, "no Ed25519 public key"),
        ({"name": " "}, "needs a name"),
        ({"kind": "robot"}, "no kind of service"),
        ({"slug": "Not One"}, "cannot be used"),
    ],
)
def test_what_is_no_service(cast: Cast, given: dict[str, str], said: str) -> None:
    answer = signed_in(cast.alice).post(SERVICES, {"name": "Portal", "kind": "program"} | given)
    assert answer.status_code == 422 and said in answer.content.decode()
    with unit_of_work(cast.harbor):
        assert not Service.objects.exists()


def test_a_key_that_was_pasted_is_kept_and_one_made_here_is_shown_once(cast: Cast) -> None:
    owner, own = signed_in(cast.alice), pem(Ed25519PrivateKey.generate())
    shown = owner.post(SERVICES, {"name": "Portal", "kind": "agent", "public_key": own}).content.decode()
    assert "PRIVATE KEY" not in shown
    assert owner.post(SERVICES, {"name": "Portal", "kind": "agent"}).status_code == 409
    shown = owner.post(f"{SERVICES}portal/key/").content.decode()
    assert "BEGIN PRIVATE KEY" in shown and "BEGIN PRIVATE KEY" not in owner.get(SERVICES).content.decode()
    assert owner.post(f"{SERVICES}portal/revoke/").status_code == 302
    assert owner.post(f"{SERVICES}portal/key/").status_code == 409
    assert "revoked" in owner.get(SERVICES).content.decode()


def test_nobody_lets_a_service_do_what_they_may_not(cast: Cast) -> None:
    registered(cast)
    browser, given = signed_in(cast.vera), GIVEN | {"verbs": "runs.start messages.read"}
    shown = browser.get(f"{CONSENTS}new/", given).content.decode()
    assert "You may not start runs there yourself" in shown and "Allow" not in shown
    assert browser.post(f"{CONSENTS}new/", given | {"answer": "allow"}).status_code == 403
    with unit_of_work(cast.harbor):
        assert not Consent.objects.exists()


@pytest.mark.parametrize("given", [{"verbs": "approvals.decide"}, {"verbs": ""}, {"days": "0"}, {"days": "soon"}])
def test_a_consent_that_cannot_be(cast: Cast, given: dict[str, str]) -> None:
    registered(cast)
    assert signed_in(cast.bob).post(f"{CONSENTS}new/", GIVEN | given | {"answer": "allow"}).status_code == 422
    with unit_of_work(cast.harbor):
        assert not Consent.objects.exists()


@pytest.mark.parametrize("given", [{"service": "nobody"}, {"room": "nowhere"}, {"room": "burrow"}])
def test_what_is_not_there_is_not_asked_about(cast: Cast, given: dict[str, str]) -> None:
    registered(cast)
    assert signed_in(cast.bob).get(f"{CONSENTS}new/", GIVEN | given).status_code == 404


def test_a_new_consent_takes_the_place_of_the_old(cast: Cast) -> None:
    registered(cast)
    browser = signed_in(cast.bob)
    assert browser.post(f"{CONSENTS}new/", GIVEN | {"answer": "allow"}).status_code == 302
    assert "takes the place of that" in browser.get(f"{CONSENTS}new/", GIVEN).content.decode()
    assert browser.post(f"{CONSENTS}new/", GIVEN | {"verbs": "runs.read", "answer": "allow"}).status_code == 302
    with unit_of_work(cast.harbor):
        assert Consent.objects.get(revoked_at=None).verbs == ["runs.read"]
        assert Consent.objects.count() == 2


def test_a_token_is_narrowed_on_the_page(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    given = {"name": "nightly", "verbs": ["messages.read", "runs.read"]}
    shown = browser.post("/o/harbor/settings/tokens/", given).content.decode()
    assert "only read messages, see runs and what came of them" in shown
    secret = re.findall(r"wr_[\w-]{40,}", shown)[0]
    me = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert me["scope"] == ["messages.read", "runs.read"] and "service" not in me
    assert browser.post("/o/harbor/settings/tokens/", given | {"verbs": ["everything"]}).status_code == 422
    with unit_of_work(cast.harbor):
        assert Token.objects.get().verbs == ["messages.read", "runs.read"]
