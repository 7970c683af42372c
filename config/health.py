"""What a load balancer and a person on call may ask: does the process live, and can it serve."""

from collections.abc import Callable
from typing import Any

import redis
from asgiref.sync import sync_to_async
from celery.signals import heartbeat_sent
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from accounts.middleware import own_units
from workrooms.hub import current_hub

HEARTBEAT_KEY = "workroom:worker:"
HEARTBEAT_SECONDS = 15


@own_units
def livez(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"live": True})


@own_units
async def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether database and broker answer, the hub hears and a worker breathes; 503 when one of them does not."""
    hub = current_hub()
    found = {
        "database": await _asked(_database_answers),
        "broker": await _asked(_broker_answers),
        "hub": hub.connected or not hub.rooms,
        "worker": await _asked(lambda: bool(workers_alive(settings.REDIS_URL))),
    }
    ready = all(found.values())
    checks = {name: "ok" if fine else "down" for name, fine in found.items()}
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def workers_alive(url: str) -> set[str]:
    """Return the names (`worker-1@host`) of the workers that gave a sign in the last fifteen seconds."""
    with redis.Redis.from_url(url, socket_connect_timeout=2, decode_responses=True) as client:
        return {str(key).removeprefix(HEARTBEAT_KEY) for key in client.scan_iter(f"{HEARTBEAT_KEY}*")}


@heartbeat_sent.connect
def give_sign(sender: Any, **_: Any) -> None:
    """Tell the broker that this worker lives; called by the worker every two seconds."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as client:
        client.set(f"{HEARTBEAT_KEY}{sender.eventer.hostname}", "1", ex=HEARTBEAT_SECONDS)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _broker_answers() -> bool:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as client:
        return bool(client.ping())


async def _asked(question: Callable[[], bool]) -> bool:
    try:
        return await sync_to_async(question)()
    except (Error, redis.RedisError):
        return False
