"""Secrets at rest: sealed, opened, rotated, and never told."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.secrets import SecretUnreadable, keyring, open_secret, seal_secret

OLD, NEW = "o" * 40, "n" * 40


def test_a_sealed_secret_opens_again_and_does_not_show_it(settings: Settings) -> None:
    settings.WORKROOM_KEY = OLD
    sealed = seal_secret("a model's key")
    assert b"model" not in sealed
    assert open_secret(sealed) == b"a model's key"
    assert open_secret(memoryview(sealed)) == b"a model's key"


def test_after_rotation_the_new_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    settings.WORKROOM_KEY = OLD
    before = seal_secret(b"x")
    settings.WORKROOM_KEY = f"{NEW}, {OLD}"
    after = seal_secret(b"y")
    assert (open_secret(before), open_secret(after)) == (b"x", b"y")
    settings.WORKROOM_KEY = NEW
    assert open_secret(after) == b"y"
    with pytest.raises(SecretUnreadable):
        open_secret(before)


def test_a_changed_byte_is_refused(settings: Settings) -> None:
    settings.WORKROOM_KEY = OLD
    sealed = bytearray(seal_secret("x"))
    sealed[20] ^= 1
    with pytest.raises(SecretUnreadable):
        open_secret(bytes(sealed))


@pytest.mark.parametrize(("key", "place"), [("", 1), ("short", 1), (f"{OLD},short", 2), (f"{OLD},", 2)])
def test_a_key_that_cannot_be_used_is_named_by_its_place_only(key: str, place: int) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"WORKROOM_KEY: key {place} has") as refused:
        keyring(key)
    assert "short" not in str(refused.value)
