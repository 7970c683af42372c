"""One bucket of tokens for each shared thing, for all workers: over its rate a call goes out later, it does not fail.

A bucket is kept in Valkey and asked in one atomic script, by Valkey's clock. Whoever asks is given the moment in which
its call may go out, in the order of asking, and shows it once more when that moment has come. What comes too late for
its moment, or after the bucket was put to sleep, is given another. Valkey forgets a bucket that is full again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from orchestration.limits.later import Later

MICRO = 1_000_000
LATE_SECONDS = 0.1
PACE = 0.9  # of the rate: so much leeway that calls which are LATE_SECONDS late do not make a second too full
PATIENCE_SECONDS = 3.0
SLICE_SECONDS = 0.5
AWAY_SECONDS = 5.0
LONGEST_SLEEP_SECONDS = 3_600.0

# KEYS: the bucket. ARGV: microseconds between calls (0: no rate), burst, patience, how late is too late, the moment
# that was given before (0: none). Returns whether a moment was given, how long it is until then, and the moment.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local kept = redis.call('HMGET', KEYS[1], 'next', 'asleep')
local following, asleep = tonumber(kept[1] or 0), tonumber(kept[2] or 0)
local interval, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local late, given = tonumber(ARGV[4]), tonumber(ARGV[5])
if given > 0 and asleep <= math.max(now, given) and now - given <= late then
  return {1, math.max(0, given - now), given}
end
if interval == 0 then following = 0 end
local mine = math.max(now, asleep, following - (burst - 1) * interval)
if mine - now > patience then return {0, mine - now, 0} end
if interval > 0 then
  following = math.max(following, mine) + interval
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', following))
  redis.call('PEXPIRE', KEYS[1], math.ceil((math.max(following, asleep) - now) / 1000) + 1000)
end
return {1, mine - now, mine}
"""

# KEYS: the bucket. ARGV: microseconds. Lets no call out before they are over; a longer sleep stays as it is.
SLEEP = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local kept = redis.call('HMGET', KEYS[1], 'next', 'asleep')
local asleep = math.max(tonumber(kept[2] or 0), now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'asleep', string.format('%.0f', asleep))
redis.call('PEXPIRE', KEYS[1], math.ceil((math.max(tonumber(kept[1] or 0), asleep) - now) / 1000) + 1000)
return asleep
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is shared: `key` names it over all workers, `name` in words; at most `rate` calls a second (None: any
    number), `burst` at once after a pause."""

    key: str
    name: str
    rate: float | None = None
    burst: int = 1

    @property
    def interval(self) -> int:
        """Microseconds between two calls; 0 without a rate."""
        return round(MICRO / (self.rate * PACE)) if self.rate else 0


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


@cache
def _script(text: str) -> "redis.commands.core.Script":
    return _valkey().register_script(text)


def take(bucket: Bucket, pause: Callable[[float], None], patience: float = PATIENCE_SECONDS) -> None:
    """Return when a call may go out now; raises Later where that is more than `patience` seconds away.

    `pause` sleeps for the seconds it is given, half a second at most, and may raise. While Valkey is away nothing with
    a rate goes out.
    """
    until, given = time.monotonic() + patience, 0
    while True:
        granted, wait, given = ask(bucket, max(0.0, until - time.monotonic()), given)
        if not granted:
            raise Later(
                f"{bucket.name} is asked by others as often as its rate allows, or has asked for a pause.", wait
            )
        if wait <= 0:
            return
        over = time.monotonic() + wait
        while (left := over - time.monotonic()) > 0:
            pause(min(left, SLICE_SECONDS))


def ask(bucket: Bucket, patience: float, given: int = 0) -> tuple[bool, float, int]:
    """Ask for a moment; return whether one was given, the seconds until then (until one may be), and the moment itself
    in microseconds. `given` is the moment of an earlier answer that has come. Raises Later when Valkey is away."""
    arguments = [bucket.interval, bucket.burst, round(patience * MICRO), round(LATE_SECONDS * MICRO), given]
    try:
        granted, wait, moment = _script(TAKE)([f"workroom:bucket:{bucket.key}"], arguments)
    except redis.RedisError as error:
        if not bucket.interval:
            return True, 0.0, 0
        away = f"The rate of {bucket.name} is kept in Valkey, which is away: nothing is sent until it is back."
        raise Later(away, AWAY_SECONDS) from error
    return bool(granted), wait / MICRO, moment


def refill(bucket: Bucket) -> None:
    """Begin anew with another rate; a bucket that sleeps sleeps on."""
    try:
        _valkey().hdel(f"workroom:bucket:{bucket.key}", "next")
    except redis.RedisError:
        return


def put_to_sleep(bucket: Bucket, seconds: float) -> None:
    """Let no worker call for `seconds` (an hour at most): the other side asked for it."""
    try:
        _script(SLEEP)([f"workroom:bucket:{bucket.key}"], [round(min(seconds, LONGEST_SLEEP_SECONDS) * MICRO)])
    except redis.RedisError:
        return
