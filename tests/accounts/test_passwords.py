"""Passwords: what they may be, and how they are chosen again."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.cast import Cast, signed_in

BOB = User(email="bob.builder@example.test", name="Bob Builder")
RESET = "/account/password/reset/"


@pytest.mark.parametrize(
    "password",
    ["short one", "1234567890", "password123", "workroom2026!", "Bob-Builder-1", "bob.builder@example.test",
     "welcome-admin-2026", "qwertyuiop"],
)  # fmt: skip
def test_what_a_password_may_not_be(password: str) -> None:
    assert complaints(password)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "only lower case letters", "ALLUPPERCASELETTERS", "дорога через поле", "🐎🔋 pferd hof",
     "x" * 5 + " and seventy more characters " * 3, "  spaces around stay  ", "workroom has a red door"],
)  # fmt: skip
def test_any_composition_and_length_will_do(password: str) -> None:
    assert complaints(password) == []


def complaints(password: str) -> list[str]:
    """What is wrong with a new password of Bob's."""
    try:
        validate_password(password, BOB)
    except ValidationError as error:
        return list(error.messages)
    return []


def test_a_password_counts_exactly_as_typed(cast: Cast) -> None:
    long = "  Ünïcode Spaces And 80 Characters " + "x" * 80 + " "
    cast.bob.set_password(long)
    cast.bob.save()
    for wrong in (long.strip(), long.lower(), long[:72]):
        Client().post("/account/login/", {"login": cast.bob.email, "password": wrong})
        assert not cast.bob.check_password(wrong)
    cache.clear()
    browser = Client()
    browser.post("/account/login/", {"login": cast.bob.email, "password": long})
    assert browser.get("/o/harbor/").status_code == 200


def test_password_fields_hide_and_let_managers_fill_them(cast: Cast) -> None:
    pages = Client().get("/account/login/").content + signed_in(cast.bob).get("/account/password/change/").content
    fields = re.findall(rb'<input[^>]*name="(?:password|oldpassword|password1|password2)"[^>]*>', pages)
    assert len(fields) == 4
    assert all(b'type="password"' in field and b'autocomplete="' in field for field in fields)
    assert not re.search(rb"onpaste|maxlength", b"".join(fields))


def test_a_forgotten_password_is_chosen_by_a_link_that_works_once(cast: Cast, settings: Settings) -> None:
    cache.clear()
    assert Client().post(RESET, {"email": "nobody@example.test"})["Location"] == f"{RESET}done/"
    assert Client().post(RESET, {"email": cast.bob.email})["Location"] == f"{RESET}done/"
    found = [re.search(r"/account/password/reset/key/\S+", str(message.body)) for message in mail.outbox]
    link = next(each for each in found if each)[0]
    browser = Client()
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    given = {"password1": "another long horse", "password2": "another long horse"}
    assert browser.post(form, given | {"password1": "short", "password2": "short"}).status_code == 200
    assert browser.post(form, given).status_code == 302
    assert User.objects.get(pk=cast.bob.pk).check_password("another long horse")
    assert b"used already, or is too old" in Client().get(link, follow=True).content


def test_a_link_is_too_old_after_an_hour(cast: Cast, settings: Settings) -> None:
    cache.clear()
    assert settings.PASSWORD_RESET_TIMEOUT == 3_600
    Client().post(RESET, {"email": cast.bob.email})
    link = re.search(r"/account/password/reset/key/\S+", str(mail.outbox[-1].body))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert link and b"used already, or is too old" in Client().get(link[0], follow=True).content
