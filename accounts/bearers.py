"""Bearer tokens at the door: whose they are, and what a narrowed one is bound to."""

import hashlib

import structlog
from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils import timezone

from accounts.authority.labels import NEED, Clearance, Destination
from accounts.bounds import Bound
from accounts.labelling import destination
from accounts.models import Consent, Service, Token
from accounts.reach import Bearer, bearer_of
from accounts.tenancy import unit_of_work

UNPROVEN = "service_unproven"
log = structlog.get_logger()


def bearer_in(request: HttpRequest) -> Bearer | None:
    """Return what the request's bearer token stands for, None without one that holds. That it was used is noted."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    bearer = bearer_of(hashlib.sha256(secret.strip().encode()).hexdigest())
    if bearer is None:
        log.warning("token.refused", path=request.path[:200], ip=request.META.get("REMOTE_ADDR"))
        return None
    with unit_of_work(bearer.organization_id):
        now = timezone.now()
        Token.objects.filter(pk=bearer.token_id).update(last_used_at=now)
        Consent.objects.filter(tokens=bearer.token_id).update(last_used_at=now)
    return bearer


def may_prove(request: HttpRequest) -> bool:
    """False while too many assertions came from the caller's address that did not hold."""
    return bool(ratelimit.consume(request, action=UNPROVEN, dry_run=True))


def count_unproven(request: HttpRequest) -> None:
    """Count an assertion that did not hold against the caller's address."""
    ratelimit.consume(request, action=UNPROVEN)


def address_of(request: HttpRequest) -> str:
    """Return the caller's IP address, as sign-ins are logged with."""
    return str(get_adapter().get_client_ip(request))


def bound_of(bearer: Bearer) -> Bound | None:
    """Return what a narrowed token is bound to now; None for one that may all that its person may."""
    if not bearer.narrowed:
        return None
    with unit_of_work(bearer.organization_id):
        token = Token.objects.select_related("user", "consent__service__user").get(pk=bearer.token_id)
        verbs, consent = frozenset(token.verbs), token.consent
        if consent is None:
            return Bound(f"token:{token.id}", token.user, verbs)
        return Bound(
            mark=f"consent:{consent.id}",
            person=token.user,
            verbs=verbs & frozenset(consent.verbs),
            room=consent.room,
            service=consent.service.user,
            clearance=clearance_of_service(consent.service),
        )


def place_of_service(service: Service) -> Destination:
    """Return what is known of the place that data would flow to: a service nobody cleared gets internal data."""
    return destination("peer", f"peer:{service.slug}", service.slug)


def clearance_of_service(service: Service) -> Clearance:
    """Return what a service may see, by the clearance of its place."""
    place = place_of_service(service)
    return Clearance(place.level, frozenset(one for one in place.eligible if one.startswith(NEED)), place.places)
