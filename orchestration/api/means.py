"""What agents work with, over the API: for owners of the organization."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller, organization_of
from accounts.errors import NotFound
from accounts.policies import access_organization
from orchestration.actions.means import set_endpoint, set_source, set_target
from orchestration.inference.prices import Price
from orchestration.models import Endpoint, Source, Target
from orchestration.sources.places import place_of_source
from workrooms.policies import access_workroom

router = Router(tags=["means"])


class Rated(Schema):
    """All workers together call it at most `rate` times a second (null: any number), `burst` times at once."""

    rate: float | None = None
    burst: int = 1


class EndpointGiven(Rated):
    """An OpenAI-compatible endpoint; `price` as "2.50/10.00" USD a million input/output tokens, "" when unknown.
    A `key` that is left out stays as it was. All workers together call it at most `rate` times a second, `burst` times
    at once."""

    kind: Literal["openai"] = "openai"
    url: str = Field(max_length=300)
    model: str = Field(min_length=1, max_length=120)
    key: str | None = None
    price: str = ""


class SourceGiven(Rated):
    """A file queried in place. `columns` says which are personal: {"age": {"personal": true}}; `rooms` may use it."""

    kind: Literal["files"] = "files"
    location: str = Field(min_length=1, max_length=500)
    format: Literal["csv", "parquet", "json"] = "csv"
    columns: dict[str, dict[str, Any]] = {}
    rooms: list[str] = []


class TargetGiven(Rated):
    """Where the room's payments and other outward calls go; "" takes the tool away."""

    url: str = Field("", max_length=300)


def endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint; its key is never shown, only whether there is one."""
    known = endpoint.price_in is not None and endpoint.price_out is not None
    return {
        "slug": endpoint.slug,
        "kind": endpoint.kind,
        "url": endpoint.url,
        "model": endpoint.model,
        "key": bool(endpoint.key_sealed),
        "price": str(Price(endpoint.price_in or 0, endpoint.price_out or 0)) if known else None,
        "rate": endpoint.rate,
        "burst": endpoint.burst,
    }


def source_json(source: Source) -> dict[str, Any]:
    """Return a source and the rooms that may use it."""
    return {
        "slug": source.slug,
        "kind": source.kind,
        "location": source.location,
        "format": source.format,
        "columns": source.columns,
        "rate": source.rate,
        "burst": source.burst,
        "rooms": list(source.workrooms.order_by("slug").values_list("slug", flat=True)),
    }


@router.get("/endpoints", summary="Model endpoints of the organization")
def endpoints(request: HttpRequest) -> dict[str, Any]:
    """Owners only."""
    _owner(request)
    return {"items": [endpoint_json(row) for row in Endpoint.objects.order_by("slug")], "next": None}


@router.get("/endpoints/{slug}", summary="One endpoint")
def endpoint(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Owners only."""
    _owner(request)
    return endpoint_json(_found(Endpoint, slug, "endpoint"))


@router.put("/endpoints/{slug}", summary="Set an endpoint")
def put_endpoint(request: HttpRequest, slug: str, payload: EndpointGiven) -> dict[str, Any]:
    """The key is stored encrypted and never shown again."""
    _owner(request)
    given = payload.dict(exclude={"kind"})
    return endpoint_json(set_endpoint(actor=caller(request), slug=slug, **given))


@router.get("/sources", summary="Sources of the organization")
def sources(request: HttpRequest) -> dict[str, Any]:
    """Owners only."""
    _owner(request)
    return {"items": [source_json(row) for row in Source.objects.order_by("slug")], "next": None}


@router.get("/sources/{slug}", summary="One source")
def source(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Owners only."""
    _owner(request)
    return source_json(_found(Source, slug, "source"))


@router.put("/sources/{slug}", summary="Set a source")
def put_source(request: HttpRequest, slug: str, payload: SourceGiven) -> dict[str, Any]:
    """`location` is a file in the organization's folder of sources, which the operator fills."""
    _owner(request)
    actor, given = caller(request), payload.dict(exclude={"kind", "rooms", "location"})
    rooms = [access_workroom(actor, room, "manage_room") for room in payload.rooms]
    location = place_of_source(organization_of(request), payload.location)
    return source_json(set_source(actor=actor, slug=slug, location=location, rooms=rooms, **given))


@router.get("/workrooms/{room}/target", summary="Where the room's outward calls go")
def target(request: HttpRequest, room: str) -> dict[str, Any]:
    """Owners of the organization only."""
    _owner(request)
    found = Target.objects.filter(workroom=access_workroom(caller(request), room)).first()
    return _target_json(found)


@router.put("/workrooms/{room}/target", summary="Set where the room's outward calls go")
def put_target(request: HttpRequest, room: str, payload: TargetGiven) -> dict[str, Any]:
    """Private addresses are refused unless the operator trusts them."""
    _owner(request)
    found_room = access_workroom(caller(request), room, "manage_room")
    return _target_json(set_target(found_room, actor=caller(request), **payload.dict()))


def _target_json(target: Target | None) -> dict[str, Any]:
    return {"url": target.url, "rate": target.rate, "burst": target.burst} if target else {"url": ""}


def _owner(request: HttpRequest) -> None:
    access_organization(caller(request), organization_of(request), owner=True)


def _found(model: Any, slug: str, kind: str) -> Any:
    row = model.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no {kind} {slug[:60]}.")
    return row
