"""The test servers themselves: a migrated database, the restricted role, a clean start for each test."""

import os

import pytest
from django.db import connection

from accounts.models import User


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_empty_and_commits_for_real(database: None, turn: int) -> None:
    assert not User.objects.exists()
    User.objects.create(email="alice@example.com", name="Alice")
    connection.close()
    assert User.objects.count() == 1


def test_every_worker_has_a_database_of_its_own(database: None) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "master")
    assert connection.settings_dict["NAME"] == f"workroom_{worker}"


def test_tests_run_as_a_role_that_row_level_security_binds(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("workroom_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        assert cursor.fetchone() == (0,)
