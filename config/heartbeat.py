"""Signs of life that workers leave with the broker, and who reads them."""

from typing import Any

import redis
from django.conf import settings

KEY = "workroom:worker:"
SECONDS = 15


def give_sign(sender: Any, **_: Any) -> None:
    """Tell the broker that this worker lives; Celery calls it in a worker every two seconds."""
    with _broker(settings.REDIS_URL) as client:
        client.set(KEY + sender.eventer.hostname, "1", ex=SECONDS)


def is_alive(broker_url: str, worker: str) -> bool:
    """Whether the worker of this name (`worker-1@host`) gave a sign in the last fifteen seconds."""
    with _broker(broker_url) as client:
        return bool(client.exists(KEY + worker))


def some_worker_lives(broker_url: str) -> bool:
    """Whether any worker, on whatever machine, gave a sign in the last fifteen seconds."""
    with _broker(broker_url) as client:
        return any(True for _ in client.scan_iter(KEY + "*"))


def forget_worker(broker_url: str, worker: str) -> None:
    """Drop the last sign of a worker that is about to be started again."""
    with _broker(broker_url) as client:
        client.delete(KEY + worker)


def _broker(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2)
