"""Secrets at rest: encrypted with WORKROOM_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 32


class SecretUnreadable(Exception):
    """A stored secret was sealed under a WORKROOM_KEY that this installation no longer has."""


def keyring(workroom_key: str) -> MultiFernet:
    """Read WORKROOM_KEY: one or more random texts, comma-separated; the first seals, every one opens.

    Raises ImproperlyConfigured, which names a key by its place and never by its value.
    """
    keys = [key.strip() for key in workroom_key.split(",")]
    for place, key in enumerate(keys, start=1):
        if len(key) < SHORTEST_KEY:
            raise ImproperlyConfigured(
                f"WORKROOM_KEY: key {place} has {len(key)} characters, at least {SHORTEST_KEY} random ones are needed "
                "(`openssl rand -base64 32` prints some); several are separated by commas, the newest first."
            )
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    stretch = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"workroom secrets at rest")
    return base64.urlsafe_b64encode(stretch.derive(key.encode()))


def seal_secret(plain: bytes | str) -> bytes:
    """Encrypt `plain` for storage."""
    return keyring(settings.WORKROOM_KEY).encrypt(plain.encode() if isinstance(plain, str) else plain)


def reseal_secret(sealed: bytes | memoryview) -> bytes:
    """Encrypt a sealed secret anew with the first key of WORKROOM_KEY. Raises SecretUnreadable."""
    try:
        return keyring(settings.WORKROOM_KEY).rotate(bytes(sealed))
    except InvalidToken:
        raise SecretUnreadable("A stored secret cannot be read with the present WORKROOM_KEY.") from None


def open_secret(sealed: bytes | memoryview) -> bytes:
    """Decrypt what `seal_secret` made. Raises SecretUnreadable."""
    try:
        return keyring(settings.WORKROOM_KEY).decrypt(bytes(sealed))
    except InvalidToken:
        raise SecretUnreadable("A stored secret cannot be read with the present WORKROOM_KEY.") from None


def derived_key(purpose: str) -> bytes:
    """Return 32 secret bytes of this installation for one purpose; other purposes tell nothing about them."""
    first = settings.WORKROOM_KEY.split(",")[0].strip()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"workroom {purpose}".encode()).derive(first.encode())
