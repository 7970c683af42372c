"""Rows of services and of what people let them do."""

from uuid import UUID

from accounts.actions.consents import give_consent
from accounts.actions.registering import register_service
from accounts.models import Service
from tests.isolation.rows import OF_ORGANIZATION, OF_OWNERS, Asked, Refusals, Row
from tests.isolation.world import World

O = "o/<slug:organization>/"  # noqa: E741
A = "/api/v1"
OWN: Refusals = {"bob": (403,)}
OTHERS: Refusals = {"bob": (404,), "mallory": (404,)}
OF_PARTICIPANTS: Refusals = {"charlie": (404,), "mallory": (404,)}


def service(world: World) -> Service:
    """A new service of Harbor."""
    name = f"portal-{world.made(Service.objects.count)}"
    made: Service = world.made(
        lambda: register_service(world.cast.harbor, actor=world.cast.alice, name=name, kind="program", pem="")[0]
    )
    return made


def consent(world: World) -> UUID:
    """Something that Alice lets a service do."""
    row, cast = service(world), world.cast
    made = world.made(lambda: give_consent(row, cast.room, actor=cast.alice, verbs=["messages.read"], days=3))
    return UUID(str(made.id))


def wanted(world: World) -> dict[str, str]:
    """What a consent is asked for with."""
    return {"service": service(world).slug, "room": "auto-claims", "verbs": "messages.read", "days": "30"}


PAGES = {
    f"{O}settings/services/": Row(
        "POST", Asked("/o/harbor/settings/services/", {"name": "Till", "kind": "agent"}), OF_OWNERS
    ),
    f"{O}settings/services/<slug:service>/key/": Row(
        "POST", lambda w: f"/o/harbor/settings/services/{service(w).slug}/key/", OF_OWNERS
    ),
    f"{O}settings/services/<slug:service>/revoke/": Row(
        "POST", lambda w: f"/o/harbor/settings/services/{service(w).slug}/revoke/", OF_OWNERS
    ),
    f"{O}consents/": Row("GET", "/o/harbor/consents/", OF_ORGANIZATION),
    f"{O}consents/new/": Row(
        "POST", lambda w: Asked("/o/harbor/consents/new/", wanted(w) | {"answer": "allow"}), OF_PARTICIPANTS
    ),
    f"{O}consents/<uuid:consent>/revoke/": Row("POST", lambda w: f"/o/harbor/consents/{consent(w)}/revoke/", OTHERS),
}
CALLS = {
    f"GET {A}/services": Row("GET", f"{A}/services", OWN, hidden=True),
    f"POST {A}/services": Row("POST", Asked(f"{A}/services", {"name": "Second till"}, json=True), OWN, hidden=True),
    f"POST {A}/services/{{service}}/key": Row(
        "POST", lambda w: Asked(f"{A}/services/{service(w).slug}/key", {"public_key": ""}, json=True),
        {"bob": (403,), "mallory": (404,)},
    ),
    f"DELETE {A}/services/{{service}}": Row(
        "DELETE", lambda w: f"{A}/services/{service(w).slug}", {"bob": (403,), "mallory": (404,)}
    ),
    f"GET {A}/workrooms/{{room}}/services": Row("GET", f"{A}/workrooms/auto-claims/services"),
    f"GET {A}/consents": Row("GET", f"{A}/consents", {}, hidden=True),
    f"POST {A}/consents": Row(
        "POST", lambda w: Asked(f"{A}/consents", wanted(w) | {"verbs": ["messages.read"]}, json=True), OF_PARTICIPANTS
    ),
    f"DELETE {A}/consents/{{consent}}": Row("DELETE", lambda w: f"{A}/consents/{consent(w)}", OTHERS),
}  # fmt: skip
PUBLIC = {f"POST {A}/token": "a service signs in with its key, and says for whom"}
