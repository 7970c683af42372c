"""Variables that cannot be used are named, all at once, and passwords in them are not repeated."""

from pathlib import Path

import pytest

from config.environment import (
    check_environment,
    forget_addresses,
    keep_addresses,
    trusted_with_model,
    with_kept_addresses,
)

USABLE = {
    "DATABASE_URL": "postgres://owner:secret@db.example:5432/workroom",
    "DATABASE_APP_URL": "postgresql://app:secret@db.example/workroom",
    "REDIS_URL": "rediss://:secret@broker.example:6379/0",
    "PORT": "8000",
    "PUBLIC_URL": "https://work.example",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example:587",
    "WORKROOM_TRUSTED_HOSTS": "10.0.0.7:8080, [::1]:9000",
    "WORKROOM_MODEL_URL": "http://127.0.0.1:11434/v1",
}


def test_usable_values_and_none_at_all_pass(tmp_path: Path) -> None:
    check_environment(USABLE | {"WORKROOM_HOME": str(tmp_path)})
    check_environment({})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://owner:secret@db/workroom", "begins with postgres:// or postgresql://"),
        ("DATABASE_URL", "secret", "begins with postgres:// or postgresql://"),
        ("DATABASE_URL", "postgres://owner:secret@db:port/workroom", "is not an address"),
        ("DATABASE_URL", "postgres://owner:secret@db", "names no database"),
        ("DATABASE_APP_URL", "http://app:secret@db/workroom", "begins with postgres://"),
        ("REDIS_URL", "http://secret@broker", "begins with redis:// or rediss:// or unix://"),
        ("PORT", "eighty", "'eighty' is not a number from 1 to 65535"),
        ("PORT", "70000", "'70000' is not a number from 1 to 65535"),
        ("PUBLIC_URL", "work.example", "begins with http:// or https://"),
        ("EMAIL_URL", "post://secret@mail", "does not begin with one of"),
        ("WORKROOM_TRUSTED_HOSTS", "10.0.0.7:80,printer", "'printer' is not host:port"),
        ("WORKROOM_KEY", "a secret too short,", "key 1 has 18 characters, at least 32"),
        ("WORKROOM_HOME", __file__, "is not a directory"),
    ],
)
def test_an_unusable_value_stops_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        check_environment(USABLE | {name: value})
    assert str(stopped.value).startswith(f"{name}: ")
    assert said in str(stopped.value)
    assert "secret" not in str(stopped.value)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(SystemExit) as stopped:
        check_environment({"PORT": "x", "EMAIL_URL": "y"})
    assert [line.split(":")[0] for line in str(stopped.value).splitlines()] == ["PORT", "EMAIL_URL"]


def test_commands_find_the_running_servers_unless_others_are_named(tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    running = {"DATABASE_URL": "postgres://a/own", "DATABASE_APP_URL": "postgres://a/app", "REDIS_URL": "redis://a"}
    keep_addresses(tmp_path, running)
    assert (tmp_path / "servers/addresses.json").stat().st_mode & 0o777 == 0o600
    assert with_kept_addresses({}, tmp_path) == running
    other = {"DATABASE_URL": "postgres://b/own"}
    assert with_kept_addresses(other, tmp_path) == other | {"REDIS_URL": "redis://a"}
    forget_addresses(tmp_path)
    assert with_kept_addresses({}, tmp_path) == {}


def test_the_installations_own_model_is_trusted_beside_what_the_operator_trusts() -> None:
    model = {"WORKROOM_MODEL_URL": "http://127.0.0.1:11434/v1", "WORKROOM_TRUSTED_HOSTS": "10.0.0.7:80, [::1]:90"}
    assert trusted_with_model(model) == "10.0.0.7:80,[::1]:90,127.0.0.1:11434"
    assert trusted_with_model({"WORKROOM_MODEL_URL": "https://model.example/v1"}) == "model.example:443"
    assert trusted_with_model({"WORKROOM_MODEL_URL": "http://[::1]/v1"}) == "[::1]:80"
    assert trusted_with_model({}) == ""
