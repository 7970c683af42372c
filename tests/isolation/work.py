"""Rows of orchestration."""

from yaml import safe_load

from tests.isolation.rows import OF_ORGANIZATION, OF_OWNERS, OF_ROOM, Asked, Row, api, room
from tests.isolation.world import World, upload
from tests.orchestration.claims_room import GALLERY

TEAM = "auto-claims"
R = "o/<slug:organization>/r/<slug:room>/"
T = f"{R}teams/<slug:slug>/"
M = "o/<slug:organization>/settings/means/"
MEANS = "/o/harbor/settings/means/"
ENDPOINT = {"url": "https://9.9.9.9/v1", "model": "m"}
QUESTION = {"room": TEAM, "agent": "intake", "action": "documents.search"}
OF_MANAGERS = {**OF_ROOM, "bob": (403,)}
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
    f"{R}authority/": Row("GET", room("authority/")),
    f"{R}authority/rules/": Row(
        "POST", Asked(room("authority/rules/"), {"slug": "gdpr", "on": "1"}), {**OF_ROOM, "bob": (403,)}
    ),
    f"{R}authority/agents/": Row(
        "POST", Asked(room("authority/agents/"), {"agent": "intake", "on": "1"}), {**OF_ROOM, "bob": (403,)}
    ),
    f"{R}teams/": Row("GET", room("teams/")),
    f"{T}": Row("GET", team()),
    f"{T}draft/": Row("POST", Asked(team("draft/"), {"text": DRAFT})),
    f"{T}pattern/": Row("POST", Asked(team("pattern/"), {"text": DRAFT, "pattern": "concurrent"})),
    f"{T}publish/": Row("POST", Asked(team("publish/"), {"note": "again"})),
    f"{T}compare/": Row("GET", team("compare/")),
    f"{T}rollback/": Row("POST", Asked(team("rollback/"), {"to": "1", "note": "back"})),
    f"{T}copy/": Row("POST", Asked(team("copy/"), {"room": "fleet"})),
    f"{T}export/": Row("GET", team("export/")),
    f"{M}": Row("GET", MEANS, OF_ORGANIZATION),
    f"{M}endpoints/": Row("POST", Asked(f"{MEANS}endpoints/", {"slug": "two", **ENDPOINT}), OF_OWNERS),
    f"{M}sources/": Row("POST", lambda w: Asked(f"{MEANS}sources/", {"slug": "tiny", **w.source()}), OF_OWNERS),
    f"{M}targets/": Row("POST", Asked(f"{MEANS}targets/", {"room": "auto-claims", "url": ""}), OF_OWNERS),
    "approvals/": Row("GET", "/approvals/", {}, hidden=True, who="pat"),
    "approvals/badge/": Row("GET", "/approvals/badge/", {}, hidden=True, who="pat"),
    "approvals/<uuid:approval>/": Row("GET", approval, who="pat"),
    "approvals/<uuid:approval>/decisions/": Row("POST", answer, who="pat"),
}


def call(world: World, tail: str = "") -> str:
    """The run over the API."""
    return f"/api/v1/runs/{world.waiting()[0].id}{tail}"


def decision(world: World) -> Asked:
    """The same question back over the API."""
    asked = answer(world)
    return Asked(f"/api/v1/approvals/{world.waiting()[1].id}/decisions", asked.data, json=True)


V = "/api/v1"
W = f"{V}/workrooms/{{room}}"

CALLS = {
    f"GET {V}/approvals": Row("GET", f"{V}/approvals", {}, hidden=True, who="pat"),
    f"GET {V}/approvals/{{approval}}": Row("GET", lambda w: f"{V}/approvals/{w.waiting()[1].id}", who="pat"),
    f"POST {V}/approvals/{{approval}}/decisions": Row("POST", decision, who="pat"),
    f"GET {V}/endpoints": Row("GET", f"{V}/endpoints", {"bob": (403,)}, hidden=True),
    f"PUT {V}/endpoints/{{slug}}": Row(
        "PUT", Asked(f"{V}/endpoints/one", ENDPOINT, json=True), {"bob": (403,)}, hidden=True
    ),
    f"GET {V}/endpoints/{{slug}}": Row("GET", f"{V}/endpoints/harbors", {"bob": (403,), "mallory": (404,)}),
    f"GET {V}/sources": Row("GET", f"{V}/sources", {"bob": (403,)}, hidden=True),
    f"GET {V}/sources/{{slug}}": Row("GET", f"{V}/sources/claims", {"bob": (403,), "mallory": (404,)}),
    f"PUT {V}/sources/{{slug}}": Row(
        "PUT", lambda w: Asked(f"{V}/sources/small", w.source(), json=True), {"bob": (403,)}, hidden=True
    ),
    f"GET {W}/target": Row("GET", api("/target"), {"bob": (403,), "mallory": (404,)}),
    f"PUT {W}/target": Row("PUT", Asked(api("/target"), {"url": ""}, json=True), {"bob": (403,), "mallory": (404,)}),
    f"POST {V}/authority/explain": Row("POST", Asked(f"{V}/authority/explain", QUESTION, json=True)),
    f"GET {W}/authority": Row("GET", api("/authority")),
    f"GET {W}/policies": Row("GET", api("/policies")),
    f"PUT {W}/policies/{{slug}}": Row("PUT", Asked(api("/policies/hipaa"), {}, json=True), OF_MANAGERS),
    f"DELETE {W}/policies/{{slug}}": Row("DELETE", lambda w: w.ruled(api("/policies/gdpr"), w.cast.room), OF_MANAGERS),
    f"PUT {V}/policies/{{slug}}": Row("PUT", Asked(f"{V}/policies/gdpr", {}, json=True), {"bob": (403,)}, hidden=True),
    f"DELETE {V}/policies/{{slug}}": Row(
        "DELETE", lambda w: w.ruled(f"{V}/policies/gdpr"), {"bob": (403,)}, hidden=True
    ),
    f"POST {W}/agents/{{agent}}/quarantine": Row(
        "POST", Asked(api("/agents/fraud/quarantine"), {"reason": "Odd."}, json=True), OF_MANAGERS
    ),
    f"POST {W}/agents/{{agent}}/release": Row(
        "POST", lambda w: Asked(w.held(api("/agents/coverage/release")), {}, json=True), OF_MANAGERS
    ),
    f"GET {W}/lendings": Row("GET", api("/lendings")),
    f"DELETE {W}/lendings/{{lending}}": Row(
        "DELETE", lambda w: api(f"/lendings/{w.lending()}"), {**OF_ROOM, "bob": (403,)}, who="pat"
    ),
    f"PUT {W}/labels": Row(
        "PUT", Asked(api("/labels"), {"object": "workroom", "label": {"level": "internal"}}, json=True), OF_MANAGERS
    ),
    f"PUT {V}/clearances": Row(
        "PUT",
        Asked(f"{V}/clearances", {"object": "endpoint:one", "level": "internal"}, json=True),
        {"bob": (403,)},
        hidden=True,
    ),
    f"GET {W}/runs": Row("GET", api("/runs")),
    f"POST {W}/runs": Row("POST", Asked(api("/runs"), {"team": "librarian", "goal": "Who pays?"}, json=True)),
    f"POST {W}/runs/batch": Row(
        "POST", Asked(api("/runs/batch"), {"team": "librarian", "rows": [{"question": "Who?"}]}, json=True)
    ),
    f"GET {V}/runs/{{run}}": Row("GET", call),
    f"GET {V}/runs/{{run}}/turns": Row("GET", lambda w: call(w, "/turns")),
    f"GET {V}/runs/{{run}}/findings": Row("GET", lambda w: call(w, "/findings")),
    f"POST {V}/runs/{{run}}/stop": Row("POST", lambda w: call(w, "/stop")),
    f"GET {W}/teams": Row("GET", api("/teams")),
    f"POST {W}/teams/lint": Row("POST", Asked(api("/teams/lint"), safe_load(DRAFT), json=True)),
    f"GET {W}/teams/{{team}}": Row("GET", api(f"/teams/{TEAM}")),
    f"PUT {W}/teams/{{team}}": Row("PUT", Asked(api(f"/teams/{TEAM}"), safe_load(DRAFT), json=True)),
    f"POST {W}/teams/{{team}}/publish": Row("POST", Asked(api(f"/teams/{TEAM}/publish"), {"note": "n"}, json=True)),
    f"GET {W}/teams/{{team}}/versions": Row("GET", api(f"/teams/{TEAM}/versions")),
    f"POST {W}/teams/{{team}}/rollback": Row(
        "POST", Asked(api(f"/teams/{TEAM}/rollback"), {"to": 1, "note": "n"}, json=True)
    ),
}
PUBLIC = {f"GET {V}/schemas/team.json": "what a team may say, the same for all"}
