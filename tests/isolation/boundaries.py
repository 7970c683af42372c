"""Rows of boundaries: private answers, what a room lets out, labels and clearances."""

from uuid import UUID

from tests.isolation.rows import Asked, Row, api, room
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


PAGES = {f"{R}messages/<uuid:message>/private/": Row("GET", lambda w: room(f"messages/{answered(w)}/private/"))}
CALLS = {
    f"GET {W}/messages/{{message}}/private": Row("GET", lambda w: api(f"/messages/{answered(w)}/private")),
    f"POST {W}/messages/{{message}}/share": Row(
        "POST", lambda w: Asked(api(f"/messages/{answered(w)}/share"), WHY, json=True)
    ),
}
