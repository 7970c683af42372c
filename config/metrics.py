"""Numbers for Prometheus, for this computer and for holders of a token."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.bearers import bearer_in
from accounts.middleware import own_units
from workrooms.hub import all_hubs

LOOPBACK = ("127.0.0.1", "::1")


class HubNumbers(Collector):
    """Rooms and sockets this process holds, counted when asked."""

    def collect(self) -> Iterable[Metric]:
        """Count them."""
        hubs = all_hubs()
        yield GaugeMetricFamily("workroom_hub_rooms", "Rooms heard", sum(len(hub.rooms) for hub in hubs))
        sockets = sum(len(listeners) for hub in hubs for listeners in list(hub.rooms.values()))
        yield GaugeMetricFamily("workroom_hub_sockets", "Open sockets", sockets)
        yield GaugeMetricFamily(
            "workroom_hub_connected", "Hubs that hear the broker", sum(hub.connected for hub in hubs)
        )


REGISTRY.register(HubNumbers())


@own_units
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format; elsewhere than on this computer only with a bearer token."""
    near = request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
    if not near and ((bearer := bearer_in(request)) is None or bearer.narrowed):
        return HttpResponseForbidden("Send a bearer token.", content_type="text/plain; charset=utf-8")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
