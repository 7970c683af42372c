"""The environment: what each variable may say, and where the embedded servers answer when it says nothing."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from accounts.secrets import SHORTEST_KEY, keyring

EMAIL_SCHEMES = {"smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail"}
HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:,\[\]]+):(\d{1,5})")


def with_kept_addresses(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the environment, and the addresses of the servers that run in `home` where it names none of its own."""
    try:
        kept: dict[str, str] = json.loads(_addresses_file(home).read_text())
    except FileNotFoundError:
        kept = {}
    if environment.get("DATABASE_URL", kept.get("DATABASE_URL")) != kept.get("DATABASE_URL"):
        kept.pop("DATABASE_APP_URL", None)
    return kept | dict(environment)


def keep_addresses(home: Path, addresses: Mapping[str, str]) -> None:
    """Let commands started elsewhere find the servers of `home`: a file of mode 0600, replaced whole."""
    path = _addresses_file(home)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(addresses), file)
    fresh.replace(path)


def trusted_with_model(environment: Mapping[str, str]) -> str:
    """Return WORKROOM_TRUSTED_HOSTS and, beside it, the place of the installation's own model, where one is named."""
    trusted = [pair.strip() for pair in environment.get("WORKROOM_TRUSTED_HOSTS", "").split(",") if pair.strip()]
    model = urlsplit(environment.get("WORKROOM_MODEL_URL", ""))
    if model.hostname:
        host = f"[{model.hostname}]" if ":" in model.hostname else model.hostname
        trusted.append(f"{host}:{model.port or {'https': 443}.get(model.scheme, 80)}")
    return ",".join(dict.fromkeys(trusted))


def forget_addresses(home: Path) -> None:
    """Nobody answers there any more."""
    _addresses_file(home).unlink(missing_ok=True)


def check_environment(environment: Mapping[str, str]) -> None:
    """Stop the program with every variable that cannot be used, by name, and what is wrong with it.

    Only the form is checked here; whether somebody answers at an address is for `up` to find out. Values are not
    repeated where they may hold a password.
    """
    checks = CHECKS.items()
    problems = [f"{name}: {wrong}" for name, check in checks if (wrong := check(environment.get(name, "")))]
    if problems:
        raise SystemExit("\n".join(problems))


def _addresses_file(home: Path) -> Path:
    return home / "servers" / "addresses.json"


def _address(*schemes: str, path: bool = False) -> Callable[[str], str | None]:
    expected = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: str) -> str | None:
        if not value:
            return None
        try:
            parts = urlsplit(value)
            named = parts.hostname, parts.port
        except ValueError as error:
            return f"is not an address: {error}"
        if parts.scheme not in schemes or not (named[0] or parts.path.strip("/")):
            return f"is not an address that begins with {expected} and names a host"
        if path and not parts.path.strip("/"):
            return "names no database: expected postgres://user:password@host:port/database"
        return None

    return check


def _number(least: int, most: int) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        if not value or (value.isdecimal() and least <= int(value) <= most):
            return None
        return f"{value!r} is not a number from {least} to {most}"

    return check


def _email(value: str) -> str | None:
    if not value or urlsplit(value).scheme in EMAIL_SCHEMES:
        return None
    return f"does not begin with one of {', '.join(sorted(EMAIL_SCHEMES))} and ://"


def _trusted(value: str) -> str | None:
    wrong = [pair for pair in value.split(",") if pair.strip() and not HOST_AND_PORT.fullmatch(pair.strip())]
    return f"{wrong[0].strip()!r} is not host:port" if wrong else None


def _key(value: str) -> str | None:
    try:
        keyring(value or "0" * SHORTEST_KEY)
    except ImproperlyConfigured as error:
        return str(error).removeprefix("WORKROOM_KEY: ")
    return None


def _home(value: str) -> str | None:
    path = Path(value) if value else None
    return f"{value} is not a directory" if path and path.exists() and not path.is_dir() else None


def _witness(value: str) -> str | None:
    if not value or value.startswith(("http://", "https://")):
        return _address("http", "https")(value)
    return None if Path(value).is_absolute() else "is neither an http address nor an absolute directory"


CHECKS: dict[str, Callable[[str], str | None]] = {
    "DATABASE_URL": _address("postgres", "postgresql", path=True),
    "DATABASE_APP_URL": _address("postgres", "postgresql", path=True),
    "REDIS_URL": _address("redis", "rediss", "unix"),
    "WORKROOM_HOME": _home,
    "WORKROOM_KEY": _key,
    "PORT": _number(1, 65535),
    "PUBLIC_URL": _address("http", "https"),
    "EMAIL_URL": _email,
    "WORKROOM_TRUSTED_HOSTS": _trusted,
    "WORKROOM_WITNESS": _witness,
    "WORKROOM_SIEM": _address("syslog", "syslog+tcp", "http", "https"),
    "WORKROOM_MODEL_URL": _address("http", "https"),
    "DATABASE_POOL": _number(1, 1000),
    "WORKROOM_TURN_LEASE_SECONDS": _number(1, 86400),
}
