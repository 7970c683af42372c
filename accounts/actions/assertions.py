"""A service proves who it is: it signs a short-lived assertion with its key (RFC 7523), each good for one use."""

import base64
import hashlib
import time
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from accounts.models import Assertion, Service

ALGORITHMS = ["EdDSA", "Ed25519"]
LONGEST_SECONDS = 300
CLOCKS_APART_SECONDS = 30


class NotProven(Exception):
    """An assertion does not hold; the text says why, for the ledger and for whoever runs the service."""


def prove_service(service_id: UUID, assertion: str, audience: str) -> Service:
    """Return the service that signed `assertion` for `audience`. In a unit of its organization. Raises NotProven."""
    service: Service = Service.objects.select_related("user").get(pk=service_id)
    if service.revoked_at is not None:
        raise NotProven("The service was revoked.")
    numbered = base64.urlsafe_b64encode(bytes(service.public)).rstrip(b"=").decode()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": numbered})
    try:
        claims = jwt.decode(assertion, key, algorithms=ALGORITHMS).claims
        _claims_for(str(service.id), audience).validate(claims)
    except (JoseError, ValueError) as error:
        raise NotProven(_why(error)) from None
    if claims["exp"] > time.time() + LONGEST_SECONDS + CLOCKS_APART_SECONDS:
        raise NotProven(f"The assertion holds longer than {LONGEST_SECONDS} seconds.")
    _use_once(service, str(claims["jti"]), int(claims["exp"]))
    return service


def _claims_for(name: str, audience: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=CLOCKS_APART_SECONDS,
        iss={"essential": True, "value": name},
        sub={"essential": True, "value": name},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )


def _why(error: Exception) -> str:
    """The library's own words, which name the claim; never the assertion."""
    said = getattr(error, "description", "") or type(error).__name__
    return f"The assertion does not hold: {said[:150].rstrip('.')}."


def _use_once(service: Service, jti: str, expires: int) -> None:
    Assertion.objects.filter(service=service, expires_at__lt=timezone.now()).delete()
    ends = datetime.fromtimestamp(expires + 2 * CLOCKS_APART_SECONDS, tz=UTC)
    try:
        with transaction.atomic():
            Assertion.objects.create(
                organization_id=service.organization_id,
                service=service,
                digest=hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest(),
                expires_at=ends,
            )
    except IntegrityError:
        raise NotProven("The assertion was used before.") from None
