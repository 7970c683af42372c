"""An organization's own affairs: members, tokens, its name."""

import re

import pytest
from django.test import Client

from accounts.models import Event, Membership, Organization, Token, User
from accounts.tenancy import unit_of_work
from tests.cast import Cast, signed_in

SETTINGS = "/o/harbor/settings/"


def test_a_token_is_shown_once_and_works_until_revoked(cast: Cast) -> None:
    browser = signed_in(cast.bob)
    shown = browser.post(f"{SETTINGS}tokens/", {"name": "nightly", "days": "30"}).content.decode()
    found = re.search(r"wr_[\w-]{40,}", shown)
    assert found and found[0] not in browser.get(SETTINGS).content.decode()
    bearer = {"Authorization": f"Bearer {found[0]}"}
    assert Client().get("/api/v1/me", headers=bearer).json()["email"] == cast.bob.email
    with unit_of_work(cast.harbor):
        token = Token.objects.get()
        assert found[0] not in (token.digest, token.name) and token.last_used_at
    assert browser.post(f"{SETTINGS}tokens/{token.id}/").status_code == 302
    assert Client().get("/api/v1/me", headers=bearer).status_code == 401
    with unit_of_work(cast.harbor):
        kinds = Event.objects.filter(kind__startswith="token.").order_by("seq").values_list("kind", flat=True)
        assert list(kinds) == ["token.created", "token.revoked"]


@pytest.mark.parametrize("given", [{"name": ""}, {"name": "x", "days": "0"}, {"name": "x", "days": "soon"}])
def test_a_token_that_cannot_be(cast: Cast, given: dict[str, str]) -> None:
    assert signed_in(cast.bob).post(f"{SETTINGS}tokens/", given).status_code == 422
    with unit_of_work(cast.harbor):
        assert not Token.objects.exists()


def test_a_token_ends_with_the_membership(cast: Cast) -> None:
    shown = signed_in(cast.bob).post(f"{SETTINGS}tokens/", {"name": "nightly"}).content.decode()
    secret = re.findall(r"wr_[\w-]{40,}", shown)[0]
    assert signed_in(cast.alice).post(f"{SETTINGS}members/{cast.bob.id}/").status_code == 302
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert signed_in(cast.bob).get("/o/harbor/").status_code == 404


def test_owners_bring_people_in(cast: Cast) -> None:
    owner = signed_in(cast.alice)
    new = {"email": "New@example.test", "name": "Nina New", "role": "member"}
    assert owner.post(f"{SETTINGS}members/", new).status_code == 302
    assert owner.post(f"{SETTINGS}members/", new).status_code == 409
    assert owner.post(f"{SETTINGS}members/", new | {"email": cast.mallory.email}).status_code == 302
    assert signed_in(cast.bob).post(f"{SETTINGS}members/", new).status_code == 403
    assert owner.post(f"{SETTINGS}members/", {"email": "no address", "role": "king"}).status_code == 422
    with unit_of_work(cast.harbor):
        assert Membership.objects.filter(user__email="new@example.test").exists()
        assert User.objects.get(email="new@example.test").has_usable_password() is False


def test_the_name_changes_and_the_address_stays(cast: Cast) -> None:
    assert signed_in(cast.alice).post(f"{SETTINGS}name/", {"name": "Harbor Mutual"}).status_code == 302
    assert signed_in(cast.alice).post(f"{SETTINGS}name/", {"name": " "}).status_code == 422
    with unit_of_work(cast.harbor):
        organization = Organization.objects.get()
        assert (organization.name, organization.slug) == ("Harbor Mutual", "harbor")


def test_a_denial_is_an_event(cast: Cast) -> None:
    assert signed_in(cast.bob).post(f"{SETTINGS}name/", {"name": "Mine"}).status_code == 403
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="access.denied")
        assert event.actor == cast.bob.ledger_name
        assert event.payload == {"method": "POST", "path": f"{SETTINGS}name/", "status": 403}
