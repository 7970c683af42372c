"""What a load balancer and a person on call may ask: does the process live, and can it serve."""

import asyncio
from collections.abc import Callable

import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from accounts.middleware import own_units
from config.heartbeat import some_worker_lives
from workrooms.hub import current_hub

PATIENCE_SECONDS = 3


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


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    finally:
        connection.close()


def _broker_answers() -> bool:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as client:
        return bool(client.ping())


def _a_worker_breathes() -> bool:
    return some_worker_lives(settings.REDIS_URL)


async def _asked(question: Callable[[], bool]) -> bool:
    """Put a question to a thread of its own: one that waits for a lost server is an answer too."""
    try:
        return await asyncio.wait_for(sync_to_async(question, thread_sensitive=False)(), PATIENCE_SECONDS)
    except (Error, redis.RedisError, TimeoutError):
        return False
