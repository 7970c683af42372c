"""Rows of what proves, keeps and erases."""

from uuid import UUID

from accounts.actions.keeping import set_hold
from accounts.ledger.checkpoints import make_checkpoint
from tests.isolation.rows import OF_ROOM, Asked, Refusals, Row, api, room
from tests.isolation.world import World

R = "o/<slug:organization>/r/<slug:room>/"
W = "/api/v1/workrooms/{room}"
OF_MANAGERS: Refusals = {**OF_ROOM, "bob": (403,)}
OF_AUDITORS: Refusals = {**OF_ROOM, "vera": (403,)}
OWN: Refusals = {"bob": (403,)}
ERASE = {"words": "nobody-at-all", "reason": "Request 1"}


def grown(world: World, ledger: UUID) -> str:
    """The query that asks whether a ledger's newest checkpoint grew from itself."""
    size = world.made(lambda: make_checkpoint(ledger)).size
    return f"/consistency?first={size}&second={size}"


def hold(world: World, ledger: UUID | None = None) -> UUID:
    """A new legal hold on the room, or on another ledger."""
    made = world.made(lambda: set_hold(ledger or world.cast.room.id, actor=world.cast.alice, reason="Case"))
    return UUID(str(made.id))


def page_of_run(world: World, tail: str) -> str:
    """A page of the run."""
    return room(f"runs/{world.waiting()[0].number}/{tail}")


PAGES = {
    f"{R}keeping/erasures/": Row("POST", Asked(room("keeping/erasures/"), ERASE), OF_MANAGERS),
    f"{R}keeping/": Row("GET", room("keeping/"), OF_MANAGERS),
    f"{R}keeping/retention/": Row("POST", Asked(room("keeping/retention/"), {"days": "900"}), OF_MANAGERS),
    f"{R}ledger/check/": Row("GET", room("ledger/check/"), OF_AUDITORS),
    f"{R}runs/<int:number>/replay/": Row("GET", lambda w: page_of_run(w, "replay/"), OF_AUDITORS),
    f"{R}runs/<int:number>/case.zip": Row("GET", lambda w: page_of_run(w, "case.zip"), OF_AUDITORS),
}

CALLS = {
    f"POST {W}/erasures": Row(
        "POST", Asked(api("/erasures"), {"words": ["nobody-at-all"], "reason": "Request 1"}, json=True), OF_MANAGERS
    ),
    f"GET {W}/retention": Row("GET", api("/retention"), OF_MANAGERS),
    f"PUT {W}/retention": Row("PUT", Asked(api("/retention"), {"days": 900}, json=True), OF_MANAGERS),
    f"GET {W}/checkpoint": Row("GET", api("/checkpoint"), OF_AUDITORS),
    f"GET {W}/checkpoints": Row("GET", api("/checkpoints"), OF_AUDITORS),
    f"GET {W}/events/{{seq}}/proof": Row("GET", api("/events/1/proof"), OF_AUDITORS),
    f"GET {W}/consistency": Row("GET", lambda w: api(grown(w, w.cast.room.id)), OF_AUDITORS),
    f"GET {W}/runs/{{run}}/case.zip": Row("GET", lambda w: api(f"/runs/{w.waiting()[0].id}/case.zip"), OF_AUDITORS),
    "GET /api/v1/runs/{run}/case.zip": Row("GET", lambda w: f"/api/v1/runs/{w.waiting()[0].id}/case.zip", OF_AUDITORS),
    "GET /api/v1/runs/{run}/replay": Row("GET", lambda w: f"/api/v1/runs/{w.waiting()[0].id}/replay", OF_AUDITORS),
    "GET /api/v1/organization/checkpoint": Row("GET", "/api/v1/organization/checkpoint", OWN, hidden=True),
    "GET /api/v1/organization/checkpoints": Row("GET", "/api/v1/organization/checkpoints", OWN, hidden=True),
    "GET /api/v1/organization/events/{seq}/proof": Row("GET", "/api/v1/organization/events/1/proof", OWN, hidden=True),
    "GET /api/v1/organization/consistency": Row(
        "GET", lambda w: f"/api/v1/organization{grown(w, w.cast.harbor.id)}", OWN, hidden=True
    ),
    f"GET {W}/holds": Row("GET", api("/holds"), OF_MANAGERS),
    f"POST {W}/holds": Row("POST", Asked(api("/holds"), {"reason": "Case"}, json=True), OF_MANAGERS),
    f"DELETE {W}/holds/{{hold}}": Row("DELETE", lambda w: api(f"/holds/{hold(w)}"), OF_MANAGERS),
}

HOLDS = {
    "POST /api/v1/organization/holds": Row(
        "POST", Asked("/api/v1/organization/holds", {"reason": "Audit"}, json=True), OWN, hidden=True
    ),
    "GET /api/v1/organization/holds": Row("GET", "/api/v1/organization/holds", OWN, hidden=True),
    "DELETE /api/v1/organization/holds/{hold}": Row(
        "DELETE",
        lambda w: f"/api/v1/organization/holds/{hold(w, w.cast.harbor.id)}",
        {"bob": (403,), "mallory": (404,)},
    ),
    f"{R}keeping/holds/": Row("POST", Asked(room("keeping/holds/"), {"reason": "Case"}), OF_MANAGERS),
    f"{R}keeping/holds/<uuid:hold>/lift/": Row("POST", lambda w: room(f"keeping/holds/{hold(w)}/lift/"), OF_MANAGERS),
}
