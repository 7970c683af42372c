"""Doors: home, the switcher, the theme, the demo's buttons, the first owner's link."""

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings

from accounts.actions.first_owner import SALT
from accounts.actions.organizations import create_organization
from accounts.models import Event, Membership, Organization, SigningKey, User
from accounts.reach import organization_named
from accounts.tenancy import unit_of_work
from config.demo.people import PEOPLE
from tests.cast import Cast, person, signed_in

LINK = f"/first-owner/{signing.dumps('first owner', salt=SALT)}/"
OWNER = {"name": "Zoe", "email": "Zoe@example.test", "password": "long enough words", "organization": "Zoe & Co"}


@pytest.fixture
def empty(database: None) -> Client:
    """An installation without anybody."""
    return Client()


def test_the_first_owner_comes_in_once(empty: Client) -> None:
    assert b"Nobody is here yet" in empty.get(LINK).content
    entered = empty.post(LINK, OWNER, follow=True)
    assert entered.status_code == 200 and b"Zoe &amp; Co" in entered.content
    found = organization_named("zoe-co", User.objects.get(email="zoe@example.test"))
    assert found
    with unit_of_work(found):
        assert Membership.objects.get().role == "owner"
        assert SigningKey.objects.exists()
        kinds = set(Event.objects.values_list("kind", flat=True))
        assert {"organization.created", "membership.added", "session.opened"} <= kinds
    assert Client().get(LINK).status_code == 404
    assert Client().post(LINK, OWNER | {"email": "eve@example.test"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"password": "short"}, b"too short"), ({"email": "zoe"}, b"e-mail address"), ({"organization": "&"}, b"address")],
)
def test_a_mistake_leaves_nobody(empty: Client, wrong: dict[str, str], words: bytes) -> None:
    refused = empty.post(LINK, OWNER | wrong)
    assert refused.status_code == 422 and words in refused.content
    assert not User.objects.exists()


def test_a_made_up_link_opens_nothing(empty: Client) -> None:
    assert empty.get("/first-owner/made-up/").status_code == 404


def test_home_leads_to_the_organization_and_the_switcher_keeps_it(cast: Cast) -> None:
    founded = create_organization(owner=cast.bob, name="Side", slug="side")
    browser = signed_in(cast.bob)
    assert browser.get("/")["Location"] == "/o/harbor/"
    assert browser.get("/o/side/").status_code == 200
    assert browser.get("/")["Location"] == "/o/side/"
    listed = browser.get("/organizations/").content
    assert b"Harbor" in listed and b"Side" in listed and b"Outsider" not in listed
    assert isinstance(founded, Organization)
    assert Client().get("/o/harbor/")["Location"].startswith("/account/login/")


def test_an_address_is_taken_once(cast: Cast) -> None:
    refused = signed_in(cast.bob).post("/organizations/", {"name": "Harbor"})
    assert refused.status_code == 409 and b"taken" in refused.content


@pytest.mark.parametrize(
    ("back", "leads"), [("/o/harbor/", "/o/harbor/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_the_theme_is_kept_and_leads_nowhere_else(cast: Cast, back: str, leads: str) -> None:
    browser = signed_in(cast.bob)
    answer = browser.post("/theme/", {"theme": "dark", "next": back})
    assert answer["Location"] == leads and answer.cookies["theme"].value == "dark"
    assert b'data-theme="dark"' in browser.get("/o/harbor/").content


def test_the_demos_buttons_work_on_this_computer_only(cast: Cast, settings: Settings) -> None:
    demo = User.objects.create_user(PEOPLE[0].email, name=PEOPLE[0].name)
    assert PEOPLE[0].email in Client().get("/account/login/").content.decode()
    assert Client().post("/demo/", {"as": demo.email})["Location"] == "/"
    assert Client().post("/demo/", {"as": cast.alice.email}).status_code == 404
    settings.PUBLIC_URL = "https://workroom.example"
    assert Client().post("/demo/", {"as": demo.email}).status_code == 404
    assert PEOPLE[0].email not in Client().get("/account/login/").content.decode()


def test_whoever_belongs_to_no_organization_is_told(cast: Cast) -> None:
    assert signed_in(person("ned")).get("/", follow=True).status_code == 200
