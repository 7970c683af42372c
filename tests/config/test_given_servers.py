"""Servers of the operator's are checked before anything is started on them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from config.child import Unusable
from config.given_servers import check_application_role, check_broker, check_database, make_application_role
from tests.servers import TOLD

NOBODY_THERE = "127.0.0.1:1"


@pytest.fixture
def superuser() -> str:
    return str(json.loads(os.environ[TOLD])["superuser"])


@pytest.fixture
def operator(superuser: str) -> Iterator[str]:
    """The address of a database whose owner may make roles; both are removed afterwards."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "master")
    owner, database = f"boss_{number}", f"Given {number}"
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'p'")
        connection.execute(f'CREATE DATABASE "{database}" OWNER {owner}')
        place = urlsplit(superuser).netloc.rpartition("@")[2]
        yield f"postgres://{owner}:p@{place}/{database.replace(' ', '%20')}"
        connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
        connection.execute(f'DROP ROLE IF EXISTS "{database}_app"')
        connection.execute(f"DROP ROLE {owner}")


def test_the_restricted_role_is_made_once_and_found_again(operator: str, tmp_path: Path) -> None:
    check_database(operator)
    first = make_application_role(operator, tmp_path)
    assert make_application_role(operator, tmp_path) == first
    check_application_role(first, operator)
    with psycopg.connect(first) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (a int)")


def test_an_owner_who_may_not_make_roles_is_told_what_to_do(operator: str, superuser: str, tmp_path: Path) -> None:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {urlsplit(operator).username} NOCREATEROLE")
    with pytest.raises(Unusable, match=r"DATABASE_APP_URL: not set, and .* may not make the role"):
        make_application_role(operator, tmp_path)


def test_owner_superuser_and_other_databases_are_refused_as_application(operator: str, superuser: str) -> None:
    here = urlunsplit(urlsplit(superuser)._replace(path=urlsplit(operator).path))
    for unbound in (operator, here):
        with pytest.raises(Unusable, match="DATABASE_APP_URL: .* owns the tables, is a superuser"):
            check_application_role(unbound, operator)
    elsewhere = json.loads(os.environ[TOLD])["app"]
    with pytest.raises(Unusable, match="DATABASE_APP_URL: names another database"):
        check_application_role(elsewhere, operator)


def test_servers_that_do_not_answer_are_named_without_their_passwords(operator: str) -> None:
    for check, variable, url in (
        (check_database, "DATABASE_URL", f"postgres://owner:hidden@{NOBODY_THERE}/workroom"),
        (check_database, "DATABASE_URL", operator.replace(":p@", ":hidden@")),
        (check_broker, "REDIS_URL", f"redis://:hidden@{NOBODY_THERE}/0"),
    ):
        with pytest.raises(Unusable) as refused:
            check(url)
        assert str(refused.value).startswith(f"{variable}: ")
        assert "hidden" not in str(refused.value)
