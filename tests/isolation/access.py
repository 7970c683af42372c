"""Rows of access that people ask for, and of deciding for who is away."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from orchestration.access.asking import ask_for_access
from orchestration.access.deciding import decide_access
from orchestration.access.wanted import Given
from orchestration.models import AccessRequest
from tests.isolation.rows import OF_ORGANIZATION, OF_ROOM, Asked, Row, room
from tests.isolation.world import World
from workrooms.actions.delegating import delegate

R = "o/<slug:organization>/r/<slug:room>/"
ORG = "o/<slug:organization>/"
V = "/api/v1"
NOT_OF_ROOM = {**OF_ROOM, "pat": (404,)}
OTHERS = {"olivia": (404,), "rae": (404,), "mallory": (404,)}
SOON = timedelta(hours=1)


def requested(world: World, who: str = "bob", answer: str = "", **given: str) -> UUID:
    """A request of somebody's, new each time, and given by Alice if `answer` says so."""
    cast = world.cast
    wanted: dict[str, str] = given or {"kind": "relation", "relation": "approver"}

    def make() -> UUID:
        actor: User = getattr(cast, who)
        AccessRequest.objects.filter(requester=actor, state="open").update(state="withdrawn")
        row = ask_for_access(
            actor=actor, given=Given(room="auto-claims", **wanted), reason="For a week.", until=timezone.now() + SOON
        )
        if answer:
            decide_access(row, actor=cast.alice, decision=answer, note="Fine.")
        return UUID(str(row.id))

    found: UUID = world.made(make)
    return found


def given_document(world: World, tail: str = "") -> str:
    """The id of a document that Charlie was given, with what follows in the address."""
    document = str(world.document().id)
    requested(world, "charlie", "approve", kind="document", document=document)
    return f"{document}/{tail}"


def delegation(world: World) -> UUID:
    """An arrangement of Pat's: Vera decides."""
    cast = world.cast

    def make() -> UUID:
        row = delegate(actor=cast.pat, deputy=cast.vera, until=timezone.now() + SOON)
        return UUID(str(row.id))

    found: UUID = world.made(make)
    return found


def arranged(world: World) -> Asked:
    """What Olivia sends to have Vera decide for her."""
    until = (timezone.now() + SOON).isoformat()
    return Asked(f"{V}/delegations", {"deputy": str(world.cast.vera.id), "until": until}, json=True)


ANSWER: dict[str, Any] = {"decision": "deny", "note": "Not now."}
PAGES = {
    f"{ORG}away/": Row("GET", "/o/harbor/away/", OF_ORGANIZATION),
    f"{ORG}away/<uuid:delegation>/end/": Row(
        "POST", lambda w: f"/o/harbor/away/{delegation(w)}/end/", OTHERS, who="pat"
    ),
    f"{ORG}access/": Row("GET", "/o/harbor/access/", OF_ORGANIZATION),
    f"{ORG}access/<uuid:access>/withdraw/": Row(
        "POST", lambda w: f"/o/harbor/access/{requested(w)}/withdraw/", OTHERS, who="bob"
    ),
    f"{ORG}access/documents/<uuid:document>/": Row(
        "GET", lambda w: f"/o/harbor/access/documents/{given_document(w)}", OTHERS, who="charlie"
    ),
    f"{ORG}access/documents/<uuid:document>/content/": Row(
        "GET", lambda w: f"/o/harbor/access/documents/{given_document(w, 'content/')}", OTHERS, who="charlie"
    ),
    f"{R}authority/access/<uuid:access>/end/": Row(
        "POST",
        lambda w: room(f"authority/access/{requested(w, 'olivia', 'approve')}/end/"),
        {**NOT_OF_ROOM, "olivia": (403,)},
    ),
    "approvals/access/<uuid:access>/": Row("GET", lambda w: f"/approvals/access/{requested(w)}/", NOT_OF_ROOM),
    "approvals/access/<uuid:access>/decisions/": Row(
        "POST", lambda w: Asked(f"/approvals/access/{requested(w)}/decisions/", ANSWER), {**NOT_OF_ROOM, "bob": (403,)}
    ),
}
CALLS = {
    f"GET {V}/delegations": Row("GET", f"{V}/delegations", {}, hidden=True),
    f"POST {V}/delegations": Row("POST", arranged, {"mallory": (404,)}, who="olivia"),
    f"DELETE {V}/delegations/{{delegation}}": Row(
        "DELETE", lambda w: f"{V}/delegations/{delegation(w)}", OTHERS, who="pat"
    ),
    f"GET {V}/access-requests": Row("GET", f"{V}/access-requests?of=open", {}, hidden=True),
    f"POST {V}/access-requests": Row(
        "POST",
        Asked(
            f"{V}/access-requests",
            {"kind": "relation", "room": "auto-claims", "relation": "editor", "reason": "I need it."},
            json=True,
        ),
        {},
        who="vera",
        hidden=True,
    ),
    f"GET {V}/access-requests/{{access}}": Row("GET", lambda w: f"{V}/access-requests/{requested(w)}", NOT_OF_ROOM),
    f"POST {V}/access-requests/{{access}}/decisions": Row(
        "POST",
        lambda w: Asked(f"{V}/access-requests/{requested(w)}/decisions", ANSWER, json=True),
        {**NOT_OF_ROOM, "bob": (403,)},
    ),
    f"POST {V}/access-requests/{{access}}/withdraw": Row(
        "POST", lambda w: Asked(f"{V}/access-requests/{requested(w)}/withdraw", {}, json=True), OTHERS, who="bob"
    ),
    f"POST {V}/access-requests/{{access}}/end": Row(
        "POST",
        lambda w: Asked(f"{V}/access-requests/{requested(w, 'olivia', 'approve')}/end", {}, json=True),
        {**NOT_OF_ROOM, "olivia": (403,)},
    ),
    f"GET {V}/given-documents/{{document}}/content": Row(
        "GET", lambda w: f"{V}/given-documents/{given_document(w, 'content')}", OTHERS, who="charlie"
    ),
}
