"""Rows of people in the run. Each works on a run of its own, so that none depends on another."""

from orchestration.actions.pausing import pause_run
from orchestration.actions.runs import start_run
from orchestration.ending import halt_run
from orchestration.engine import advance
from orchestration.models import Run, Team, Turn
from tests.isolation.rows import Asked, Row, room
from tests.isolation.world import World

R = "o/<slug:organization>/r/<slug:room>/runs/<int:number>/"
V = "/api/v1/runs/{run}"


def begun(world: World, paused: bool = False) -> Run:
    """A run of the librarian that waits for a worker, or is paused."""

    def make() -> Run:
        team = Team.objects.select_related("published").get(slug="librarian")
        run = start_run(world.cast.room, actor=world.cast.alice, team=team, goal="Who pays?")
        return pause_run(run, actor=world.cast.alice) if paused else run

    found: Run = world.made(make)
    return found


def page(world: World, tail: str, paused: bool = False) -> str:
    """A page of such a run."""
    return room(f"runs/{begun(world, paused).number}/{tail}")


def call(world: World, tail: str, paused: bool = False) -> str:
    """A call of the API about such a run."""
    return f"/api/v1/runs/{begun(world, paused).id}{tail}"


def stopped(world: World) -> tuple[Run, dict[str, str]]:
    """A run that was stopped at its first turn, and that turn as a form names it."""
    run = begun(world)
    advance(world.cast.harbor.id, run.id)

    def stop() -> Turn:
        halt_run(Run.objects.get(pk=run.pk), "Stopped by Alice")
        turn: Turn = Turn.objects.get(run=run)
        return turn

    turn: Turn = world.made(stop)
    return run, {"turn": str(turn.id)}


def retry_page(world: World) -> Asked:
    """The form that takes a turn again."""
    run, form = stopped(world)
    return Asked(room(f"runs/{run.number}/retry/"), form)


def retry_call(world: World) -> Asked:
    """The same over the API."""
    run, form = stopped(world)
    return Asked(f"/api/v1/runs/{run.id}/retry", form, json=True)


PAGES = {
    f"{R}pause/": Row("POST", lambda w: page(w, "pause/")),
    f"{R}resume/": Row("POST", lambda w: page(w, "resume/", paused=True)),
    f"{R}retry/": Row("POST", retry_page),
    f"{R}compare/": Row("GET", lambda w: page(w, f"compare/?with={w.waiting()[0].number}")),
    f"{R}fork/": Row("POST", lambda w: Asked(page(w, "fork/"), {"goal": "Who else pays?"})),
}

CALLS = {
    f"POST {V}/pause": Row("POST", lambda w: call(w, "/pause")),
    f"POST {V}/resume": Row("POST", lambda w: call(w, "/resume", paused=True)),
    f"POST {V}/retry": Row("POST", retry_call),
    f"GET {V}/compare/{{other}}": Row("GET", lambda w: call(w, f"/compare/{w.waiting()[0].id}")),
    f"POST {V}/fork": Row("POST", lambda w: Asked(call(w, "/fork"), {"after_turn": 0}, json=True)),
}
