"""Browser sessions: how long they last, who sees and ends them, and what of signing in is logged."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import Event
from accounts.tenancy import unit_of_work
from tests.cast import PASSWORD, Cast, signed_in
from workrooms.listening import Credential, person_behind

LOGIN, SESSIONS = "/account/login/", "/account/sessions/"


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    """The limits of tries are kept in the cache."""
    cache.clear()


def comes_in(cast: Cast, password: str = PASSWORD) -> Client:
    """A browser in which Bob typed this password."""
    browser = Client()
    browser.post(LOGIN, {"login": cast.bob.email, "password": password})
    return browser


def logged(cast: Cast, kind: str) -> list[Event]:
    with unit_of_work(cast.harbor):
        return list(Event.objects.filter(kind=kind).order_by("seq"))


def is_in(browser: Client) -> bool:
    return browser.get("/o/harbor/").status_code == 200


def test_signing_in_makes_another_session_and_is_logged(cast: Cast) -> None:
    browser = Client()
    browser.get(LOGIN)
    browser.post("/theme/", {"theme": "dark"})
    before = browser.cookies.get("sessionid")
    browser.post(LOGIN, {"login": cast.bob.email, "password": PASSWORD})
    after = browser.cookies["sessionid"]
    assert is_in(browser) and (before is None or before.value != after.value)
    assert len(after.value) == 32 and after["httponly"] and after["samesite"] == "Lax"
    event = logged(cast, "session.opened")[-1]
    assert (event.actor, event.payload) == (cast.bob.ledger_name, {"method": "password"})


def test_a_failed_try_is_logged_without_what_was_typed(cast: Cast) -> None:
    assert not is_in(comes_in(cast, "not the password"))
    event = logged(cast, "session.denied")[0]
    assert (event.actor, event.object) == ("system", cast.bob.ledger_name)
    assert event.payload == {"method": "password", "ip": "127.0.0.1"}


def test_unknown_addresses_and_wrong_passwords_look_the_same(cast: Cast) -> None:
    wrong = Client().post(LOGIN, {"login": cast.bob.email, "password": "not the password"})
    unknown = Client().post(LOGIN, {"login": "nobody@example.test", "password": "not the password"})
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert wrong.status_code == unknown.status_code


def test_too_many_tries_wait_even_with_the_right_password(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        comes_in(cast, "not the password")
    assert not is_in(comes_in(cast))
    assert "sign_in.too_many_tries" in capsys.readouterr().out
    assert is_in(signed_in(cast.alice)), "others are not locked out"


def test_a_session_ends_after_its_longest_age_however_much_it_is_used(cast: Cast, settings: Settings) -> None:
    browser = signed_in(cast.bob)
    assert is_in(browser)
    key = browser.cookies["sessionid"].value
    settings.SESSION_LONGEST_SECONDS = 0
    with pytest.raises(AssertionError):
        assert person_behind(Credential(session_key=key))
    assert not is_in(browser)
    settings.SESSION_LONGEST_SECONDS = 60
    assert not is_in(browser), "it is gone for good"


def test_what_is_used_moves_the_end_on(cast: Cast, settings: Settings) -> None:
    browser = signed_in(cast.bob)
    session = browser.session
    session["seen"] = int(time.time()) - 1_000
    session.save()
    assert is_in(browser)
    assert browser.session["seen"] > time.time() - 60
    assert 12 * 3600 - 60 <= browser.session.get_expiry_age() <= 12 * 3600


def test_people_see_their_sessions_and_end_the_others_with_their_password(cast: Cast) -> None:
    here, elsewhere = comes_in(cast), comes_in(cast)
    assert UserSession.objects.filter(user=cast.bob).count() == 2
    assert b"This one." in here.get(SESSIONS).content
    assert signed_in(cast.alice).get(SESSIONS).content.count(b"127.0.0.1") == 1
    asked = here.post(SESSIONS)
    assert asked["Location"].startswith("/account/reauthenticate/") and is_in(elsewhere)
    wrong = here.post(asked["Location"], {"password": "not the password", "next": SESSIONS})
    assert wrong.status_code == 200 and is_in(elsewhere)
    here.post(asked["Location"], {"password": PASSWORD, "next": SESSIONS})
    assert is_in(here) and not is_in(elsewhere)


def test_owners_sign_somebody_out_everywhere(cast: Cast) -> None:
    browsers = [comes_in(cast), comes_in(cast)]
    path = f"/o/harbor/settings/members/{cast.bob.id}/sessions/"
    assert signed_in(cast.pat).post(path).status_code == 403
    assert all(map(is_in, browsers))
    assert signed_in(cast.alice).post(path).status_code == 302
    assert not any(map(is_in, browsers))
    event = logged(cast, "session.ended")[0]
    assert (event.actor, event.object, event.payload) == (cast.alice.ledger_name, cast.bob.ledger_name, {"sessions": 2})


def test_another_password_ends_the_other_sessions(cast: Cast) -> None:
    here, elsewhere = comes_in(cast), comes_in(cast)
    given = {"oldpassword": PASSWORD, "password1": "another long horse", "password2": "another long horse"}
    refused = here.post("/account/password/change/", given | {"oldpassword": "not the password"})
    assert refused.status_code == 200 and is_in(elsewhere)
    assert here.post("/account/password/change/", given).status_code == 302
    assert is_in(here) and not is_in(elsewhere)
    assert logged(cast, "password.changed")[0].payload == {"by": "change"}


def test_there_is_no_door_to_another_address(cast: Cast) -> None:
    browser = comes_in(cast)
    for path in ("email/", "login/code/confirm/", "confirm-email/", "confirm-email/MTIz/"):
        assert browser.get(f"/account/{path}").status_code == 404
    assert b"by invitation" in Client().get("/account/signup/").content
    assert browser.post("/account/email/", {"email": "new@example.test", "action_add": ""}).status_code == 404


def test_signing_out_ends_the_session_where_it_is_kept(cast: Cast) -> None:
    browser = comes_in(cast)
    key = browser.cookies["sessionid"].value
    browser.post("/account/logout/")
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert not is_in(stolen) and person_behind(Credential(session_key=key)) is None
    assert not UserSession.objects.filter(user=cast.bob).exists()
