"""A service at work: its key, its assertions, the tokens it gets, and calls with them."""

import base64
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OKPKey

from accounts.actions.consents import give_consent
from accounts.actions.registering import register_service
from accounts.models import Consent, Service, User
from accounts.tenancy import unit_of_work
from tests.cast import Cast
from workrooms.models import Workroom

TOKEN = "/api/v1/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EVERYTHING = ("messages.read", "messages.post", "documents.read", "documents.write", "runs.read", "runs.start")


@dataclass
class Program:
    """A program elsewhere, with the private half of its key."""

    service: Service
    private: Ed25519PrivateKey

    def claims(self, **other: Any) -> dict[str, Any]:
        """What a proper assertion says; `other` claims instead, None leaves one out."""
        now, name = int(time.time()), str(self.service.id)
        usual = {"iss": name, "sub": name, "aud": f"{settings.PUBLIC_URL}{TOKEN}", "iat": now, "exp": now + 60,
                 "jti": uuid4().hex}  # fmt: skip
        return {claim: value for claim, value in (usual | other).items() if value is not None}

    def signed(self, claims: dict[str, Any] | None = None, algorithm: str = "EdDSA") -> str:
        """An assertion with the program's key."""
        raw = self.private.private_bytes_raw()
        encoded = {name: base64.urlsafe_b64encode(half).rstrip(b"=").decode() for name, half in (
            ("d", raw), ("x", self.private.public_key().public_bytes_raw()))}  # fmt: skip
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", **encoded})
        return jwt.encode({"alg": algorithm}, claims or self.claims(), key, algorithms=["EdDSA", "Ed25519"])

    def asked(self, person: User, room: str, scope: str, assertion: str = "") -> dict[str, str]:
        """The form that asks for a token."""
        return {
            "grant_type": "client_credentials", "client_id": str(self.service.id), "client_assertion_type": JWT_BEARER,
            "client_assertion": assertion or self.signed(), "person": str(person.email), "room": room, "scope": scope,
        }  # fmt: skip

    def token(self, person: User, room: str, scope: str, assertion: str = "") -> Any:
        """What the product answers when it asks for a token."""
        return Client().post(TOKEN, self.asked(person, room, scope, assertion))

    def bearer(self, person: User, room: str, scope: str) -> dict[str, str]:
        """The header of its calls, with a new token."""
        answer = self.token(person, room, scope)
        assert answer.status_code == 200, answer.content
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def pem(private: Ed25519PrivateKey) -> str:
    """The public half as PEM text."""
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def registered(cast: Cast, name: str = "Claims portal", kind: str = "program") -> Program:
    """A service of Harbor that Alice registered with its public key."""
    private = Ed25519PrivateKey.generate()
    with unit_of_work(cast.harbor):
        made, shown = register_service(cast.harbor, actor=cast.alice, name=name, kind=kind, pem=pem(private))
    assert not shown
    return Program(made, private)


def consented(
    program: Program, person: User, room: Workroom, verbs: tuple[str, ...] = EVERYTHING, days: int = 30
) -> Consent:
    """What `person` lets the program do in `room`."""
    with unit_of_work(room.organization_id):
        return give_consent(program.service, room, actor=person, verbs=verbs, days=days)
