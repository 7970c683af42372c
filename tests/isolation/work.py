"""Rows of orchestration."""

from tests.isolation.rows import Asked, Row, room
from tests.isolation.world import World, upload
from tests.orchestration.claims_room import GALLERY

TEAM = "auto-claims"
R = "o/<slug:organization>/r/<slug:room>/"
T = f"{R}teams/<slug:slug>/"
DRAFT = (GALLERY / f"{TEAM}.yaml").read_text()


def run(world: World, tail: str = "") -> str:
    """The page of the run."""
    return room(f"runs/{world.waiting()[0].number}/{tail}")


def team(tail: str = "") -> str:
    """The page of the claims team."""
    return room(f"teams/{TEAM}/{tail}")


def approval(world: World, tail: str = "") -> str:
    """The page of the approval."""
    return f"/approvals/{world.waiting()[1].id}/{tail}"


def answer(world: World) -> Asked:
    """A question back, which leaves the approval open."""
    digest = world.waiting()[1].digest
    return Asked(approval(world, "decisions/"), {"decision": "ask", "reason": "Why?", "digest": digest})


PAGES = {
    f"{R}stop/": Row("POST", room("stop/")),
    f"{R}runs/": Row("GET", room("runs/")),
    f"{R}runs/side/": Row("GET", room("runs/side/")),
    f"{R}runs/new/": Row("GET", room("runs/new/")),
    f"{R}runs/batch/": Row("POST", Asked(room("runs/batch/"), {"team": TEAM, "files": upload("claim.md")})),
    f"{R}runs/<int:number>/": Row("GET", run),
    f"{R}runs/<int:number>/stop/": Row("POST", lambda w: run(w, "stop/")),
    f"{R}teams/": Row("GET", room("teams/")),
    f"{T}": Row("GET", team()),
    f"{T}draft/": Row("POST", Asked(team("draft/"), {"text": DRAFT})),
    f"{T}publish/": Row("POST", Asked(team("publish/"), {"note": "again"})),
    f"{T}compare/": Row("GET", team("compare/")),
    f"{T}rollback/": Row("POST", Asked(team("rollback/"), {"to": "1", "note": "back"})),
    f"{T}copy/": Row("POST", Asked(team("copy/"), {"room": "fleet"})),
    f"{T}export/": Row("GET", team("export/")),
    "approvals/": Row("GET", "/approvals/", {}, hidden=True, who="pat"),
    "approvals/badge/": Row("GET", "/approvals/badge/", {}, hidden=True, who="pat"),
    "approvals/<uuid:approval>/": Row("GET", approval, who="pat"),
    "approvals/<uuid:approval>/decisions/": Row("POST", answer, who="pat"),
}
CALLS: dict[str, Row] = {}
