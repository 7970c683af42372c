"""What people let services do in their name, and the tokens that services get by it."""

from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Form, Router, Schema

from accounts.actions.assertions import NotProven, prove_service
from accounts.actions.consents import (
    NoConsent,
    acting_in,
    consent_of,
    give_consent,
    issue_token,
    revoke_consent,
    standing,
)
from accounts.actions.registering import service_of
from accounts.api import caller
from accounts.bearers import address_of, count_unproven, may_prove
from accounts.errors import Problem
from accounts.ledger.record import record
from accounts.models import Consent, Service, Token
from accounts.reach import service_home
from accounts.tenancy import unit_of_work
from workrooms.entries import user_json
from workrooms.models import Workroom
from workrooms.policies import access_workroom, as_uuid

router = Router(tags=["services"])
GRANT = "client_credentials"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
log = structlog.get_logger()


class NewConsent(Schema):
    """Which service, in which room, what (`messages.read`, `runs.start`, …), and for how many days."""

    service: str
    room: str
    verbs: list[str]
    days: int = 30


class Wanted(Schema):
    """What a service asks for, with its signed assertion: `scope` names verbs, separated by blanks."""

    grant_type: str = ""
    client_id: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""
    person: str = ""
    room: str = ""
    scope: str = ""


class TokenRefused(Problem):
    """A service gets no token; `error` is OAuth's word for why (RFC 6749, 5.2)."""

    title = "No token"


def audience() -> str:
    """Return the address that assertions are signed for."""
    return f"{settings.PUBLIC_URL}/api/v1/token"


def consent_json(consent: Consent, rooms: dict[UUID, str]) -> dict[str, Any]:
    """Return a consent as programs see it; `rooms` are addresses by id."""
    return {
        "id": str(consent.id),
        "service": consent.service.slug,
        "room": {"id": str(consent.room), "slug": rooms.get(consent.room)},
        "verbs": consent.verbs,
        "until": consent.until,
        "given_at": consent.created_at,
        "last_used_at": consent.last_used_at,
    }


@router.get("/workrooms/{room}/services", summary="Services that act in a room")
def acting(request: HttpRequest, room: str) -> dict[str, Any]:
    """Each with the person in whose name, what it may do, and until when."""
    found = access_workroom(caller(request), room)
    rows = (
        {**consent_json(each, {found.id: found.slug}), "person": user_json(each.person)} for each in acting_in(found)
    )
    return {"items": list(rows), "next": None}


@router.get("/consents", summary="What the caller lets services do")
def index(request: HttpRequest) -> dict[str, Any]:
    """The newest first; what has lapsed is listed until it is taken back."""
    found = list(standing(caller(request)))
    rooms = dict(Workroom.objects.filter(pk__in=[each.room for each in found]).values_list("id", "slug"))
    return {"items": [consent_json(each, rooms) for each in found], "next": None}


@router.post("/consents", response={201: dict[str, Any]}, summary="Let a service act in the caller's name")
def give(request: HttpRequest, payload: NewConsent) -> tuple[int, dict[str, Any]]:
    """In one room, for exactly these verbs, until a day; an act never is more than the caller may at its moment."""
    room = access_workroom(caller(request), payload.room)
    service = service_of(payload.service)
    made = give_consent(service, room, actor=caller(request), verbs=payload.verbs, days=payload.days)
    return 201, consent_json(made, {room.id: room.slug})


@router.delete("/consents/{consent}", response={204: None}, summary="Take a consent back")
def revoke(request: HttpRequest, consent: UUID) -> tuple[int, None]:
    """Tokens that rest on it end now."""
    revoke_consent(consent_of(caller(request), consent), actor=caller(request))
    return 204, None


@router.post("/token", auth=None, summary="A token for a service, in a person's name")
def token(request: HttpRequest, payload: Form[Wanted], response: HttpResponse) -> dict[str, Any]:
    """OAuth's client credentials with `private_key_jwt` (RFC 7523): EdDSA, `iss` and `sub` the service's id, `aud` this
    address, `iat`, `jti` (used once), `exp` within five minutes. `person` is an address, `room` an id or slug. The
    token holds ten minutes and does no more than `scope`, the person's consent and their rights allow.
    """
    response.headers["Cache-Control"] = "no-store"
    if not may_prove(request):
        log.warning("service.too_many_tries", ip=address_of(request))
        raise _refused(429, "temporarily_unavailable", "Too many assertions that do not hold. Try again in a minute.")
    home = _home(payload, request)
    try:
        with unit_of_work(home):
            service = prove_service(UUID(payload.client_id), payload.client_assertion, audience())
    except NotProven as problem:
        count_unproven(request)
        _log_denial(home, UUID(payload.client_id), str(problem), request)
        raise _refused(401, "invalid_client", str(problem)) from None
    try:
        with unit_of_work(home):
            made, secret = issue_token(
                service, person=payload.person, room=_room_named(payload.room), verbs=payload.scope.split()
            )
    except NoConsent as problem:
        _log_denial(home, service.id, str(problem), request)
        raise _refused(400, "invalid_grant", str(problem)) from None
    return token_json(made, secret)


def token_json(token: Token, secret: str) -> dict[str, Any]:
    """Return a token as OAuth has it (RFC 6749, 5.1)."""
    assert token.expires_at is not None and token.verbs is not None
    seconds = round((token.expires_at - token.created_at).total_seconds())
    return {
        "access_token": secret,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": " ".join(token.verbs),
    }


def _home(payload: Wanted, request: HttpRequest) -> UUID:
    """Return the organization of the service that asks. Raises TokenRefused."""
    if payload.grant_type != GRANT:
        raise _refused(400, "unsupported_grant_type", f"Send grant_type={GRANT}.")
    if payload.client_assertion_type != ASSERTION:
        raise _refused(400, "invalid_request", f"Send client_assertion_type={ASSERTION}.")
    if not (payload.person.isprintable() and payload.room.isprintable()):
        raise _refused(400, "invalid_request", "person and room are names without control characters.")
    identity = as_uuid(payload.client_id)
    home = service_home(identity) if identity else None
    if home is None:
        count_unproven(request)
        log.warning("service.unknown", ip=address_of(request))
        raise _refused(401, "invalid_client", "No service signs under this name.")
    return home


def _refused(status: int, error: str, why: str) -> TokenRefused:
    problem = TokenRefused(why, error=error, error_description=why)
    problem.status = status
    return problem


def _log_denial(organization_id: UUID, service_id: UUID, why: str, request: HttpRequest) -> None:
    with unit_of_work(organization_id):
        user = Service.objects.select_related("user").get(pk=service_id).user
        payload = {"reason": why, "ip": address_of(request)}
        record("service.denied", actor=user, object=user.ledger_name, payload=payload)


def _room_named(given: str) -> UUID | None:
    """Return the id of a room by id or slug; whether anybody consented there is asked elsewhere."""
    identity = as_uuid(given)
    rows = Workroom.objects.filter(pk=identity) if identity else Workroom.objects.filter(slug=given)
    found: UUID | None = rows.values_list("id", flat=True).first()
    return found
