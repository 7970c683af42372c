"""Rows of trials and rehearsals."""

from orchestration.actions.trying import start_trial
from orchestration.models import Run, Team
from tests.isolation.intervening import begun
from tests.isolation.rows import Asked, Row, api, room
from tests.isolation.world import World

T = "o/<slug:organization>/r/<slug:room>/teams/<slug:slug>/"
W = "/api/v1/workrooms/{room}/teams/{team}"


def tried(world: World) -> str:
    """The id of a trial of the librarian's draft."""

    def make() -> str:
        Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
        team = Team.objects.select_related("published", "workroom").get(slug="librarian")
        return str(start_trial(team, actor=world.cast.alice, runs=1).id)

    run = begun(world)
    found: str = world.made(make)
    return found


def new(world: World, path: str, data: dict[str, int], json: bool = False) -> Asked:
    """A trial to be started; there is a finished run for it."""
    tried(world)
    return Asked(path, data, json)


PAGES = {
    f"{T}trials/": Row("POST", lambda w: new(w, room("teams/librarian/trials/"), {"runs": 1})),
    f"{T}trials/<uuid:trial>/": Row("GET", lambda w: room(f"teams/librarian/trials/{tried(w)}/")),
    f"{T}trials/<uuid:trial>/stop/": Row("POST", lambda w: room(f"teams/librarian/trials/{tried(w)}/stop/")),
    f"{T}rehearse/": Row("POST", Asked(room("teams/librarian/rehearse/"), {"draft": ""})),
}

CALLS = {
    f"POST {W}/trials": Row("POST", lambda w: new(w, api("/teams/librarian/trials"), {"runs": 1}, json=True)),
    f"POST {W}/rehearse": Row("POST", Asked(api("/teams/librarian/rehearse"), {}, json=True)),
    f"GET {W}/trials": Row("GET", api("/teams/librarian/trials")),
    "GET /api/v1/trials/{trial}": Row("GET", lambda w: f"/api/v1/trials/{tried(w)}"),
    "POST /api/v1/trials/{trial}/stop": Row("POST", lambda w: f"/api/v1/trials/{tried(w)}/stop"),
}
