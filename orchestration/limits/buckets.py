"""One bucket of tokens for each shared thing, for all workers: over its rate a call goes out later, it does not fail.

A bucket is kept in Valkey and asked in one atomic script, by Valkey's clock. Whoever asks is given the moment in which
its call may go out, in the order of asking, and shows it once more when that moment has come. What comes too late for
its moment, or after the bucket was put to sleep, is given another. Valkey forgets a bucket that is full again.
"""

from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from orchestration.limits.later import PATIENCE_SECONDS, Later

MICRO = 1_000_000
PACE = 0.9  # of the rate
LATE = 0.1  # of a second (of the time between two calls, if that is longer): what PACE leaves for being late
LONGEST_WAIT_SECONDS = 15.0
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

    @property
    def late(self) -> int:
        """Microseconds after its moment in which a call may still go out."""
        return round(LATE * max(MICRO, self.interval))


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


@cache
def _script(text: str) -> "redis.commands.core.Script":
    return _valkey().register_script(text)


@dataclass(slots=True)
class Place:
    """A place in the queue of a bucket, with the moment in which its call may go out."""

    bucket: Bucket
    moment: int

    def wait(self) -> float:
        """Return the seconds until the call may go out, 0: now. Raises Later when the bucket was put to sleep.

        To be asked right before the request is written: what came too late for its moment is given another.
        """
        granted, seconds, self.moment = ask(self.bucket, LONGEST_WAIT_SECONDS, self.moment)
        if not granted:
            raise _later(self.bucket, seconds)
        return seconds


def queue_up(bucket: Bucket, patience: float = PATIENCE_SECONDS) -> Place:
    """Take a place; raises Later where the moment would be more than `patience` seconds away, or Valkey is."""
    granted, wait, moment = ask(bucket, patience)
    if not granted:
        raise _later(bucket, wait)
    return Place(bucket, moment)


def _later(bucket: Bucket, seconds: float) -> Later:
    return Later(f"{bucket.name} is asked as often as its rate allows, or has asked for a pause.", seconds)


def ask(bucket: Bucket, patience: float, given: int = 0) -> tuple[bool, float, int]:
    """Ask for a moment; return whether one was given, the seconds until then (until one may be), and the moment itself
    in microseconds. `given` is the moment of an earlier answer that has come. Raises Later when Valkey is away."""
    arguments = [bucket.interval, bucket.burst, round(patience * MICRO), bucket.late, given]
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
