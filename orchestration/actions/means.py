"""What agents work with, set by owners: sources, endpoints, and a room's outward target."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.text import slugify

from accounts.errors import Invalid
from accounts.ledger.record import record
from accounts.models import User
from accounts.secrets import seal_secret
from accounts.tenancy import current_unit
from orchestration.inference.prices import parse_price
from orchestration.limits.buckets import refill
from orchestration.limits.rates import rated, shared_bucket
from orchestration.models import Endpoint, Source, SourceAccess, Target
from orchestration.sources.files import SourceFile, header
from orchestration.sources.problems import SourceProblem
from orchestration.tools.outbound import OutboundRefused, refuse_private
from workrooms.models import Workroom

LONGEST_SLUG = 60


def set_source(
    *,
    actor: User,
    slug: str,
    location: str,
    format: str = "csv",
    columns: dict[str, Any] | None = None,
    rooms: Iterable[Workroom] = (),
    rate: float | None = None,
    burst: int = 1,
) -> Source:
    """Name a file as a source and say in which rooms it may be used; raises Invalid when it cannot be read."""
    _check_slug(slug)
    shared = rated(rate, burst)
    path = Path(location).resolve()
    try:
        known = header(SourceFile(str(path), format, columns or {}))
    except SourceProblem as problem:
        raise Invalid(f"This source cannot be used: {problem}", [("location", str(problem))]) from problem
    if strange := sorted(set(columns or {}) - set(known)):
        raise Invalid(
            "A column is described that the file has not.", [(f"columns.{name}", "unknown") for name in strange]
        )
    organization_id = current_unit().organization_id
    source: Source = Source.objects.update_or_create(
        slug=slug,
        organization_id=organization_id,
        defaults={"kind": "files", "location": str(path), "format": format, "columns": columns or {}, **shared},
    )[0]
    rooms = list(rooms)
    SourceAccess.objects.filter(source=source).exclude(workroom__in=rooms).delete()
    for room in rooms:
        SourceAccess.objects.get_or_create(source=source, workroom=room, defaults={"organization_id": organization_id})
    refill(shared_bucket("source", source.id, slug, source))
    payload = {"slug": slug, "format": format, "rooms": [room.slug for room in rooms], **shared}
    record("source.set", actor=actor, object=f"source:{source.id}", payload=payload)
    return source


def set_endpoint(
    *,
    actor: User,
    slug: str,
    url: str,
    model: str,
    key: str | None = None,
    price: str = "",
    rate: float | None = None,
    burst: int = 1,
) -> Endpoint:
    """Name a model endpoint; its key is kept sealed and never shown again. `price` as "2.50/10.00" USD a million.

    All workers together call it at most `rate` times a second, `burst` times at once after a pause.
    """
    _check_slug(slug)
    shared = rated(rate, burst)
    _reachable(url)
    try:
        stated = parse_price(price) if price.strip() else None
    except ValueError as error:
        raise Invalid("The price cannot be read.", [("price", str(error))]) from error
    values: dict[str, Any] = {
        "url": url,
        "model": model,
        "price_in": stated.input_per_million if stated else None,
        "price_out": stated.output_per_million if stated else None,
        **shared,
    }
    if key:
        values["key_sealed"] = seal_secret(key)
    endpoint: Endpoint
    endpoint, _ = Endpoint.objects.update_or_create(
        slug=slug, organization_id=current_unit().organization_id, defaults=values
    )
    refill(shared_bucket("endpoint", slug, slug, endpoint))
    payload = {"slug": slug, "model": model, "url": url, "price": price, "key": bool(endpoint.key_sealed), **shared}
    record("endpoint.set", actor=actor, object=f"endpoint:{endpoint.id}", payload=payload)
    return endpoint


def set_target(room: Workroom, *, actor: User, url: str, rate: float | None = None, burst: int = 1) -> Target | None:
    """Say where the room's `webhook.send` goes, and how often; an empty url takes the tool away."""
    shared = rated(rate, burst)
    Target.objects.filter(workroom=room).delete()
    target: Target | None = None
    if url:
        _reachable(url)
        target = Target.objects.create(organization_id=room.organization_id, workroom=room, url=url, **shared)
    record("target.set", actor=actor, ledger=room.id, payload={"url": url, **shared})
    return target


def _check_slug(slug: str) -> None:
    if not slug or slugify(slug) != slug or len(slug) > LONGEST_SLUG:
        expected = f"expected 1 to {LONGEST_SLUG} lower-case letters, digits and hyphens"
        raise Invalid(f"The short name {slug[:80]!r} cannot be used.", [("slug", expected)])


def _reachable(url: str) -> None:
    try:
        refuse_private(url, settings.WORKROOM_TRUSTED_HOSTS)
    except OutboundRefused as refusal:
        raise Invalid("This address cannot be called.", [("url", str(refusal))]) from refusal
