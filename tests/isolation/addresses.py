"""Every address there is: pages, API calls, sockets, as the URL tables name them."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from config.api import api
from workrooms.routing import patterns

API = "api/v1/"


def pages(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Routes of all pages, as written in the URL tables; the API is asked for its calls instead."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver) and route != API:
            yield from pages(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def calls() -> Iterator[str]:
    """`METHOD /path` of every API call."""
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method in operations:
            yield f"{method.upper()} {path}"


def sockets() -> Iterator[str]:
    """Routes of all sockets."""
    for entry in patterns:
        yield str(entry.pattern)


def everything() -> set[str]:
    """All addresses."""
    return {*pages(), *calls(), *sockets()}
