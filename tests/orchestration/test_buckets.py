"""Shared buckets on a real Valkey: what is given out keeps the rate, whoever asks and however often."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import uuid4

import pytest
import redis
from django.conf import settings as given_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from orchestration.limits import buckets
from orchestration.limits.buckets import MICRO, Bucket, ask, put_to_sleep, queue_up
from orchestration.limits.later import Later

FOREVER = 10_000.0
CLOCK_STEP = MICRO // 1_000  # the server's clock may be set back a little meanwhile
EXAMPLES = settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fresh(rate: float | None = 20.0, burst: int = 1) -> Bucket:
    """A bucket nobody has asked yet."""
    return Bucket(str(uuid4()), "The scripted endpoint", rate, burst)


def fullest_second(moments: list[int]) -> int:
    """The most calls that any second holds."""
    ordered = sorted(moments)
    return max(sum(first <= other < first + MICRO for other in ordered[at:]) for at, first in enumerate(ordered))


@EXAMPLES
@given(rate=st.floats(0.05, 500.0), burst=st.integers(1, 30), asked=st.integers(1, 40))
def test_no_second_is_fuller_than_rate_and_burst(rate: float, burst: int, asked: int) -> None:
    bucket = fresh(rate, burst)
    moments = [ask(bucket, FOREVER)[2] for _ in range(asked)]
    in_order = (before - after < CLOCK_STEP for before, after in pairwise(moments))
    assert all(in_order), "first come, first served"
    assert fullest_second(moments) <= rate + burst


@EXAMPLES
@given(rate=st.floats(1.0, 500.0), asked=st.integers(2, 20), seconds=st.floats(0.0, 100.0))
def test_nothing_goes_out_while_the_bucket_sleeps(rate: float, asked: int, seconds: float) -> None:
    bucket = fresh(rate)
    before = ask(bucket, FOREVER)[2]
    put_to_sleep(bucket, seconds)
    after = [ask(bucket, FOREVER)[2] for _ in range(asked)]
    assert min(after) >= before + seconds * MICRO - 1
    assert fullest_second([before, *after]) <= rate + 1


@EXAMPLES
@given(patience=st.floats(0.0, 3.0), asked=st.integers(1, 40))
def test_what_would_take_too_long_is_not_given_and_takes_nobodys_place(patience: float, asked: int) -> None:
    bucket = fresh(rate=2.0)
    answers = [ask(bucket, patience) for _ in range(asked)]
    given_out = [moment for granted, _, moment in answers if granted]
    assert given_out and all(wait <= patience for granted, wait, _ in answers if granted)
    assert all(wait > patience and not moment for granted, wait, moment in answers if not granted)
    assert len(given_out) <= patience * 2.0 + 2


def test_many_threads_share_one_bucket() -> None:
    bucket, start = fresh(), threading.Barrier(8)

    def asks(_: int) -> list[int]:
        start.wait()
        return [ask(bucket, FOREVER)[2] for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        moments = [moment for each in pool.map(asks, range(8)) for moment in each]
    assert len(set(moments)) == 200
    assert fullest_second(moments) <= 20


def test_a_moment_that_has_come_is_kept_and_one_that_went_by_is_not() -> None:
    bucket = fresh(rate=1.0)
    _, _, first = ask(bucket, FOREVER)
    assert ask(bucket, FOREVER, first)[2] == first
    late = first - bucket.late - 1_000_000
    assert ask(bucket, FOREVER, late)[2] > first, "whoever overslept asks anew"
    put_to_sleep(bucket, 60)
    assert ask(bucket, FOREVER, first)[2] > first + 50 * MICRO, "so does whoever waited when it was put to sleep"


def test_a_place_is_kept_until_its_moment_and_lost_when_the_bucket_sleeps() -> None:
    bucket = fresh(rate=1.0)
    first, second = queue_up(bucket), queue_up(bucket)
    kept = second.moment
    assert first.wait() == 0 and 0 < second.wait() <= 1.2 and second.moment == kept
    put_to_sleep(bucket, 3)
    assert second.wait() > 2 and second.moment > kept
    put_to_sleep(bucket, 60)
    with pytest.raises(Later, match="has asked for a pause"):
        second.wait()


def test_more_than_patience_is_later() -> None:
    bucket = fresh(rate=0.1)
    queue_up(bucket)
    with pytest.raises(Later, match="as often as its rate allows") as later:
        queue_up(bucket)
    assert 3.0 < later.value.seconds < 12.0


def test_a_full_bucket_is_forgotten() -> None:
    bucket = fresh(rate=1_000.0)
    ask(bucket, FOREVER)
    with redis.Redis.from_url(given_settings.REDIS_URL) as valkey:
        left = valkey.pttl(f"workroom:bucket:{bucket.key}")
    assert 0 < left <= 1_100


def test_while_valkey_is_away_only_what_has_no_rate_goes_out(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    for kept in (buckets._valkey, buckets._script):
        kept.cache_clear()
    try:
        with pytest.raises(Later, match="kept in Valkey, which is away"):
            queue_up(fresh())
        assert queue_up(fresh(rate=None)).wait() == 0
        put_to_sleep(fresh(), 1)
    finally:
        for kept in (buckets._valkey, buckets._script):
            kept.cache_clear()
