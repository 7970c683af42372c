"""Which endpoint answers for a model brain: the organization's own, or the installation's from the environment."""

from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.secrets import open_secret
from orchestration.brains.endpoint import EndpointConfig
from orchestration.inference.prices import Price, known_price
from orchestration.limits.buckets import Bucket
from orchestration.limits.rates import shared_bucket
from orchestration.models import Endpoint

OPENAI = ("https://api.openai.com/v1", "gpt-5-mini")
ANTHROPIC = ("https://api.anthropic.com/v1", "claude-sonnet-4-5")


def installation_endpoint() -> EndpointConfig | None:
    """Return the endpoint that the environment names, if it names one."""
    if settings.MODEL_URL:
        url, model, key = settings.MODEL_URL, settings.MODEL_NAME, settings.MODEL_KEY
    elif settings.OPENAI_API_KEY:
        (url, model), key = OPENAI, settings.OPENAI_API_KEY
    elif settings.ANTHROPIC_API_KEY:
        (url, model), key = ANTHROPIC, settings.ANTHROPIC_API_KEY
    else:
        return None
    price = known_price(settings.MODEL_PRICE, url, model)
    shared = Bucket("installation", "The endpoint of the installation")
    trusted = settings.WORKROOM_TRUSTED_HOSTS
    return EndpointConfig("installation", url, model, key or None, price, trusted=trusted, bucket=shared)


def endpoint_for(organization_id: UUID, slug: str | None) -> EndpointConfig | None:
    """Return the named endpoint, or without a name the organization's first, else the installation's."""
    rows = Endpoint.objects.order_by("slug")
    row: Any = rows.filter(slug=slug).first() if slug else rows.first()
    if row is not None:
        return configured(row)
    return installation_endpoint() if slug in (None, "installation") else None


def configured(row: Endpoint) -> EndpointConfig:
    """Return a stored endpoint with its key opened."""
    known = row.price_in is not None and row.price_out is not None
    price = Price(row.price_in or 0, row.price_out or 0) if known else known_price("", row.url, row.model)
    key = open_secret(bytes(row.key_sealed)).decode() if row.key_sealed else None
    shared = shared_bucket("endpoint", row.slug, row.slug, row)
    trusted = settings.WORKROOM_TRUSTED_HOSTS
    return EndpointConfig(row.slug, row.url, row.model, key, price, trusted=trusted, bucket=shared)
