"""Where a call may go: every address that the installation itself calls out to is checked here.

An address that a person or a team names must not reach into the private network, so a host is resolved once, all its
addresses are checked, and the connection is made to one of those very addresses: a name that resolves differently the
second time (DNS rebinding) changes nothing. `Host`, SNI and the certificate keep the name.
Proxies from the environment are not used, because a proxy would resolve the name again.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_AZURE_METADATA = ipaddress.ip_address("168.63.129.16")


class OutboundRefused(Exception):
    """The address may not be called; the text says why and what would allow it."""


def refuse_private(url: str, trusted: Collection[str], allowed: Collection[str] | None = None) -> tuple[str, ...]:
    """The addresses `url` may be reached at; raises OutboundRefused for any other.

    `trusted` holds "host:port" pairs that may be private; everything else that is private, loopback, link-local,
    reserved or multicast is refused, and so is a host that does not resolve or a scheme that is not http(s).
    `allowed` are the only places that may be called at all (see `is_allowed`).
    """
    return checked_addresses(*_host_and_port(url), trusted, allowed)


def place_of(url: str) -> str:
    """Return "host:port" of an address that may be called. Raises OutboundRefused."""
    return _place(*_host_and_port(url))


def is_allowed(place: str, allowed: Collection[str] | None) -> bool:
    """True when "host:port" is among `allowed`: "host", "host:port" or "*.host" for all beneath it; None: any."""
    if allowed is None:
        return True
    name = place.lower()
    host = name.rpartition(":")[0]
    return any(entry in (name, host) or (entry[:2] == "*." and host.endswith(entry[1:])) for entry in allowed)


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        host, port = None, None
    if host is None or port is None:
        raise OutboundRefused(f"{_shown(url)} is not an address to call: expected http://host or https://host.")
    return host, port


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def checked_addresses(
    host: str, port: int, trusted: Collection[str], allowed: Collection[str] | None = None
) -> tuple[str, ...]:
    """Resolve `host` and check every address; see `refuse_private`."""
    place = _place(host, port)
    if not is_allowed(place, allowed):
        raise OutboundRefused(f"{place} is not called: it is not among the places that agents of this room may reach.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundRefused(f"The host {host} is not known: its name does not resolve to an address.") from None
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if place.lower() in {entry.lower() for entry in trusted}:
        return addresses
    for address in addresses:
        if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise OutboundRefused(
                f"{place} is not called: it is at {address}, which is not a public address. "
                f"The operator can allow it by adding {place} to WORKROOM_TRUSTED_HOSTS."
            )
    return addresses


def guarded_client(
    trusted: Collection[str], timeout: "httpx2.Timeout", allowed: Collection[str] | None = None
) -> "httpx2.Client":
    """A client for one call that follows no redirects and connects to checked addresses only: see `refuse_private`."""
    import httpx2

    class Guarded(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            *others, last = _pinned(request, checked_addresses(*_target(request), trusted, allowed))
            for attempt in others:
                try:
                    return super().handle_request(attempt)
                except httpx2.ConnectError:
                    continue
            return super().handle_request(last)

    return httpx2.Client(
        transport=Guarded(limits=_unshared()), timeout=timeout, trust_env=False, follow_redirects=False
    )


def guarded_async_client(
    trusted: Collection[str], timeout: "httpx2.Timeout", before_writing: Callable[[], Awaitable[None]] | None = None
) -> "httpx2.AsyncClient":
    """`guarded_client` for an event loop; `before_writing` is awaited once connected, before a request is sent."""
    import anyio
    import httpx2

    async def watch(event: str, _: object) -> None:
        if before_writing is not None and event.endswith(".send_request_headers.started"):
            await before_writing()

    class Guarded(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            # A name server that does not answer must not hold up a stop.
            addresses = await anyio.to_thread.run_sync(
                checked_addresses, *_target(request), trusted, abandon_on_cancel=True
            )
            if before_writing is not None:
                request.extensions = {**request.extensions, "trace": watch}
            *others, last = _pinned(request, addresses)
            for attempt in others:
                try:
                    return await super().handle_async_request(attempt)
                except httpx2.ConnectError:
                    continue
            return await super().handle_async_request(last)

    return httpx2.AsyncClient(
        transport=Guarded(limits=_unshared()), timeout=timeout, trust_env=False, follow_redirects=False
    )


def _unshared() -> "httpx2.Limits":
    """No connection outlives its call: two names at one address must not share one."""
    import httpx2

    return httpx2.Limits(max_keepalive_connections=0)


def _target(request: "httpx2.Request") -> tuple[str, int]:
    return request.url.host, request.url.port or _DEFAULT_PORTS[request.url.scheme]


def _pinned(request: "httpx2.Request", addresses: Collection[str]) -> "list[httpx2.Request]":
    """The same request once per address; its `Host` header was set from the name already."""
    import httpx2

    extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")}
    return [
        httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )
        for address in addresses
    ]


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast and address != _AZURE_METADATA


def _shown(url: str) -> str:
    """The URL without what may be secret in it: user information, query and fragment."""
    scheme, _, rest = url.partition("://")
    place = rest.partition("?")[0].partition("#")[0].rpartition("@")[2]
    return repr(f"{scheme}://{place}" if rest else scheme[:200])
