"""An answer that holds a secret is given once: nothing keeps it, here or on its way."""

from typing import Any

import pytest
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.models import IdempotencyKey, Service
from accounts.tenancy import unit_of_work
from tests.accounts.service_house import registered
from tests.cast import Cast, signed_in

ONCE = {"Idempotency-Key": "once"}


@pytest.mark.parametrize(
    ("path", "body"), [("/api/v1/services", {"name": "Portal"}), ("/api/v1/services/claims-portal/key", {})]
)
def test_a_private_key_is_not_kept_for_repetitions(cast: Cast, path: str, body: dict[str, Any]) -> None:
    registered(cast)
    with unit_of_work(cast.harbor):
        _, secret = create_token(cast.harbor, actor=cast.alice, name="own", verbs=())
    headers = {"Authorization": f"Bearer {secret}", **ONCE}

    def sent() -> Any:
        return Client().post(path, body, "application/json", headers=headers)

    first = sent()
    assert "PRIVATE KEY" in first.json()["private_key"] and first["Cache-Control"] == "no-store"
    with unit_of_work(cast.harbor):
        kept, keys = bytes(IdempotencyKey.objects.get().body), set(Service.objects.values_list("key_id", flat=True))
    assert kept == b""
    again = sent()
    assert again.status_code == 409 and "PRIVATE KEY" not in again.content.decode()
    with unit_of_work(cast.harbor):
        assert set(Service.objects.values_list("key_id", flat=True)) == keys, "nothing was done twice"


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        ("/o/harbor/settings/services/", {"name": "Portal", "kind": "agent"}, "BEGIN PRIVATE KEY"),
        ("/o/harbor/settings/tokens/", {"name": "nightly"}, "wr_"),
    ],
)
def test_a_page_that_shows_a_secret_is_not_kept(cast: Cast, path: str, body: dict[str, str], secret: str) -> None:
    shown = signed_in(cast.alice).post(path, body, headers=ONCE)
    assert secret in shown.content.decode() and shown["Cache-Control"] == "no-store"
    with unit_of_work(cast.harbor):
        assert secret.encode() not in bytes(IdempotencyKey.objects.get().body)
