"""API v1: the services of an organization, for its owners."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from accounts.actions.registering import (
    register_service,
    replace_key,
    revoke_service,
    service_json,
    service_of,
    services,
)
from accounts.api import caller, organization_of
from accounts.models import Service
from accounts.policies import access_organization

router = Router(tags=["services"])


class NewService(Schema):
    """A name, what it is (`program` or `agent`), and its Ed25519 public key as PEM text; without one a pair is made."""

    name: str
    kind: str = Service.Kind.PROGRAM
    public_key: str = ""
    slug: str = ""


class NewKey(Schema):
    """An Ed25519 public key as PEM text; without one a pair is made."""

    public_key: str = ""


def _owned(request: HttpRequest) -> None:
    access_organization(caller(request), organization_of(request), owner=True)


def _with_private(service: Service, private: str, response: HttpResponse) -> dict[str, Any]:
    if private:
        response.headers["Cache-Control"] = "no-store"
    return service_json(service) | ({"private_key": private} if private else {})


@router.get("/services", summary="Services of the organization")
def index(request: HttpRequest) -> dict[str, Any]:
    """By name, revoked ones too. Owners only."""
    _owned(request)
    return {"items": [service_json(each) for each in services()], "next": None}


@router.post("/services", response={201: dict[str, Any]}, summary="Register a service")
def register(request: HttpRequest, payload: NewService, response: HttpResponse) -> tuple[int, dict[str, Any]]:
    """`private_key` is in the answer only where the pair was made here, this once: it is not kept. Owners only."""
    _owned(request)
    made, private = register_service(
        organization_of(request),
        actor=caller(request),
        name=payload.name,
        kind=payload.kind,
        pem=payload.public_key,
        slug=payload.slug,
    )
    return 201, _with_private(made, private, response)


@router.post("/services/{service}/key", response={201: dict[str, Any]}, summary="Give a service another key")
def give_key(request: HttpRequest, service: str, payload: NewKey, response: HttpResponse) -> tuple[int, dict[str, Any]]:
    """The old key and every token got with it end now. Owners only."""
    _owned(request)
    found = service_of(service)
    private = replace_key(found, actor=caller(request), pem=payload.public_key)
    return 201, _with_private(found, private, response)


@router.delete("/services/{service}", response={204: None}, summary="Revoke a service")
def revoke(request: HttpRequest, service: str) -> tuple[int, None]:
    """Its key, its tokens and what people let it do end now; it stays in the list. Owners only."""
    _owned(request)
    revoke_service(service_of(service), actor=caller(request))
    return 204, None
