"""Rows of budgets, usage and quarantine."""

from orchestration.actions.means import set_target
from orchestration.actions.quarantining import means_named, quarantine, quarantine_run, target_named
from orchestration.limits.breakers import is_quarantined
from orchestration.models import Run
from tests.isolation.intervening import begun
from tests.isolation.rows import OF_OWNERS, OF_ROOM, Asked, Row, api, room
from tests.isolation.world import World

O = "o/<slug:organization>/"  # noqa: E741
R = f"{O}r/<slug:room>/"
M = f"{O}settings/means/"
V = "/api/v1"
W = f"{V}/workrooms/{{room}}"
OF_MANAGERS = {**OF_ROOM, "bob": (403,)}
OWN = {"bob": (403,)}
WHY = {"reason": "Odd."}


def held(world: World, path: str, *means: str) -> str:
    """`path`, after the endpoint, the source or the target was put into quarantine."""

    def hold() -> None:
        cast = world.cast
        named = means_named(*means) if means else target_named(cast.room)
        if not is_quarantined(named):
            quarantine(named, actor=cast.alice, reason="Odd.", room=None if means else cast.room)

    world.made(hold)
    return path


def held_run(world: World) -> Run:
    """A run in quarantine."""
    run = begun(world)
    world.made(lambda: quarantine_run(Run.objects.get(pk=run.pk), actor=world.cast.alice, reason="Odd."))
    return run


def aimed(world: World, path: str, hold: bool = False) -> str:
    """`path`, in a room that has a target, in quarantine or not."""
    world.made(lambda: set_target(world.cast.room, actor=world.cast.alice, url="https://9.9.9.9/hook"))
    return held(world, path) if hold else path


PAGES = {
    f"{R}usage/": Row("GET", room("usage/"), OF_MANAGERS),
    f"{R}usage/usage.csv": Row("GET", room("usage/usage.csv"), OF_MANAGERS),
    f"{R}runs/<int:number>/quarantine/": Row(
        "POST", lambda w: Asked(room(f"runs/{begun(w).number}/quarantine/"), {"on": "1"}), OF_MANAGERS
    ),
    f"{O}usage/": Row("GET", "/o/harbor/usage/", OF_OWNERS),
    f"{O}usage/usage.csv": Row("GET", "/o/harbor/usage/usage.csv", OF_OWNERS),
    f"{O}usage/budget/": Row("POST", Asked("/o/harbor/usage/budget/", {"cost": "25"}), OF_OWNERS),
    f"{M}quarantine/": Row(
        "POST",
        Asked("/o/harbor/settings/means/quarantine/", {"kind": "source", "name": "claims", "on": "1"}),
        OF_OWNERS,
    ),
}

CALLS = {
    f"GET {V}/budgets/{{scope}}": Row("GET", f"{V}/budgets/organization", OWN, hidden=True),
    f"PUT {V}/budgets/{{scope}}": Row(
        "PUT",
        Asked(f"{V}/budgets/workroom:auto-claims", {"cost_cents": 900}, json=True),
        {"bob": (403,), "mallory": (404,)},
    ),
    f"GET {V}/organization/usage": Row("GET", f"{V}/organization/usage", OWN, hidden=True),
    f"GET {V}/organization/usage.csv": Row("GET", f"{V}/organization/usage.csv", OWN, hidden=True),
    f"GET {W}/usage": Row("GET", api("/usage"), OF_MANAGERS),
    f"GET {W}/usage.csv": Row("GET", api("/usage.csv"), OF_MANAGERS),
    f"POST {V}/endpoints/{{slug}}/quarantine": Row(
        "POST", Asked(f"{V}/endpoints/harbors/quarantine", WHY, json=True), {"bob": (403,), "mallory": (404,)}
    ),
    f"POST {V}/endpoints/{{slug}}/release": Row(
        "POST",
        lambda w: held(w, f"{V}/endpoints/harbors/release", "endpoint", "harbors"),
        {"bob": (403,), "mallory": (404,)},
    ),
    f"POST {V}/sources/{{slug}}/quarantine": Row(
        "POST", Asked(f"{V}/sources/policies/quarantine", WHY, json=True), {"bob": (403,), "mallory": (404,)}
    ),
    f"POST {V}/sources/{{slug}}/release": Row(
        "POST",
        lambda w: held(w, f"{V}/sources/policies/release", "source", "policies"),
        {"bob": (403,), "mallory": (404,)},
    ),
    f"POST {W}/target/quarantine": Row(
        "POST", lambda w: Asked(aimed(w, api("/target/quarantine")), WHY, json=True), OF_MANAGERS
    ),
    f"POST {W}/target/release": Row("POST", lambda w: aimed(w, api("/target/release"), hold=True), OF_MANAGERS),
    f"POST {V}/runs/{{run}}/quarantine": Row(
        "POST", lambda w: Asked(f"{V}/runs/{begun(w).id}/quarantine", WHY, json=True), OF_MANAGERS
    ),
    f"POST {V}/runs/{{run}}/release": Row("POST", lambda w: f"{V}/runs/{held_run(w).id}/release", OF_MANAGERS),
}
