"""Rows of boundaries: private answers, what a room lets out, labels and clearances."""

from uuid import UUID

from tests.isolation.rows import OF_ROOM, Asked, Row, api, room
from tests.isolation.world import World
from workrooms.actions.messages import post_message
from workrooms.models import PrivateAnswer

R = "o/<slug:organization>/r/<slug:room>/"
W = "/api/v1/workrooms/{room}"
WHY = {"reason": "Everybody may know."}


def answered(world: World) -> UUID:
    """The message of a private answer to Alice."""
    cast = world.cast

    def make() -> UUID:
        message = post_message(cast.room, actor=cast.ada, body="Something for Alice.", about={"private": True})
        PrivateAnswer.objects.create(
            organization=cast.harbor,
            message=message,
            reader=cast.alice,
            label={"level": "confidential", "tags": []},
            body="a secret word",
            html="<p>a secret word</p>",
        )
        return UUID(str(message.id))

    found: UUID = world.made(make)
    return found


SET = {**OF_ROOM, "bob": (403,)}
LABEL = {"object": "workroom", "level": "internal"}
BOUNDS = {"hosts": ["pay.example"], "redaction": {"kinds": ["email"]}}

PAGES = {
    f"{R}messages/<uuid:message>/private/": Row("GET", lambda w: room(f"messages/{answered(w)}/private/")),
    f"{R}boundaries/": Row("GET", room("boundaries/")),
    f"{R}boundaries/labels/": Row("POST", Asked(room("boundaries/labels/"), LABEL), SET),
    f"{R}boundaries/egress/": Row("POST", Asked(room("boundaries/egress/"), {"hosts": ""}), SET),
    f"{R}boundaries/redaction/": Row("POST", Asked(room("boundaries/redaction/"), {"kinds": "email"}), SET),
    f"{R}boundaries/clearances/": Row(
        "POST", Asked(room("boundaries/clearances/"), {"object": "endpoint:one", "level": "internal"}), SET
    ),
    f"{R}boundaries/lendings/<uuid:lending>/": Row(
        "POST", lambda w: room(f"boundaries/lendings/{w.lending()}/"), SET, who="pat"
    ),
}
CALLS = {
    f"GET {W}/boundaries": Row("GET", api("/boundaries")),
    f"PUT {W}/boundaries": Row("PUT", Asked(api("/boundaries"), BOUNDS, json=True), SET),
    f"GET {W}/labels": Row("GET", api("/labels")),
    "GET /api/v1/clearances": Row("GET", "/api/v1/clearances", {"bob": (403,)}, hidden=True),
    f"GET {W}/messages/{{message}}/private": Row("GET", lambda w: api(f"/messages/{answered(w)}/private")),
    f"POST {W}/messages/{{message}}/share": Row(
        "POST", lambda w: Asked(api(f"/messages/{answered(w)}/share"), WHY, json=True)
    ),
}
