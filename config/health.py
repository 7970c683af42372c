"""What a load balancer and a person on call may ask: does the process live, and can it serve."""

from collections.abc import Callable
from typing import Any

import redis
from asgiref.sync import sync_to_async
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
        "worker": await _asked(_a_worker_breathes),
    }
    ready = all(found.values())
    checks = {name: "ok" if fine else "down" for name, fine in found.items()}
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def is_alive(broker_url: str, worker: str) -> bool:
    """Whether the worker of this name (`worker-1@host`) gave a sign in the last fifteen seconds."""
    with _broker(broker_url) as client:
        return bool(client.exists(HEARTBEAT_KEY + worker))


def forget_worker(broker_url: str, worker: str) -> None:
    """Drop the last sign of a worker that is about to be started again."""
    with _broker(broker_url) as client:
        client.delete(HEARTBEAT_KEY + worker)


def give_sign(sender: Any, **_: Any) -> None:
    """Tell the broker that this worker lives; Celery calls it in a worker every two seconds."""
    with _broker(settings.REDIS_URL) as client:
        client.set(HEARTBEAT_KEY + sender.eventer.hostname, "1", ex=HEARTBEAT_SECONDS)


def _broker(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _broker_answers() -> bool:
    with _broker(settings.REDIS_URL) as client:
        return bool(client.ping())


def _a_worker_breathes() -> bool:
    with _broker(settings.REDIS_URL) as client:
        return any(True for _ in client.scan_iter(HEARTBEAT_KEY + "*"))


async def _asked(question: Callable[[], bool]) -> bool:
    try:
        return await sync_to_async(question)()
    except (Error, redis.RedisError):
        return False
