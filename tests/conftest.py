"""One real PostgreSQL and Valkey for the whole run; an empty database for every test that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import redis
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from config.embedded import Servers
from tests import servers

if TYPE_CHECKING:
    from tests.cast import Cast

running = pytest.StashKey[Servers]()

# The first value that hypothesis draws in a fresh clone waits until it has read the tree, longer than it lets one take.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers before Django reads its settings."""
    if config.option.collectonly or config.option.help or config.option.version:
        return
    started = servers.start_for_run()
    if started:
        config.stash[running] = started
    if started and config.getoption("numprocesses", None):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # xdist's workers would read settings before their addresses
        return
    servers.address_worker(os.environ.get("PYTEST_XDIST_WORKER", "master"))

    import django

    django.setup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, so that both cores are busy to the end; the browser's last, whose event loop stays open."""
    order = {"live": 0, "browser": 2}
    items.sort(key=lambda item: order.get(item.path.parent.name, 1))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them with the run."""
    if running in config.stash:
        servers.stop_after_run(config.stash[running])


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """pytest-django's own would create and migrate databases as the application's role, which may not."""
    servers.make_database()


@pytest.fixture(scope="session")
def cleaner(django_db_setup: None) -> Iterator[servers.Cleaner]:
    """Whoever empties the tables."""
    cleaner = servers.Cleaner()
    yield cleaner
    cleaner.connection.close()


@pytest.fixture
def _django_db_helper(cleaner: servers.Cleaner, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Serves `db`, `transactional_db` and the django_db mark: real transactions, rows deleted afterwards."""
    from django.db import connections

    cleaner.clean()
    with django_db_blocker.unblock():
        yield
        connections.close_all()
    cleaner.clean()
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
        broker.flushdb()


@pytest.fixture
def database(_django_db_helper: None) -> None:
    """An empty, migrated database, used as the restricted application role; commits are real."""


@pytest.fixture
def cast(database: None) -> Cast:
    """Everybody, as `tests.cast` tells."""
    from tests.cast import make_cast

    return make_cast()
