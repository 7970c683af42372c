"""Rows of accounts and workrooms."""

from tests.isolation.rows import OF_ORGANIZATION, OF_OWNERS, Asked, Row, api, room
from tests.isolation.world import upload

O = "o/<slug:organization>/"  # noqa: E741
R = f"{O}r/<slug:room>/"
W = "/api/v1/workrooms"

PUBLIC = {
    "livez": "for load balancers", "readyz": "for load balancers", "metrics": "on this computer, or with a token",
    "verify.py": "the verifier is open", "theme/": "sets one's own cookie", "demo/": "its own check, on loopback",
    "first-owner/<str:token>/": "a signed link that works once", "": "leads to one's own organization",
    "organizations/": "lists one's own",
}  # fmt: skip

PAGES = {
    O: Row("GET", "/o/harbor/", OF_ORGANIZATION),
    f"{O}rooms/new/": Row("POST", Asked("/o/harbor/rooms/new/", {"name": "Fleet"}), OF_ORGANIZATION),
    f"{O}search/": Row("GET", "/o/harbor/search/?q=secret", OF_ORGANIZATION),
    f"{O}key.pem": Row("GET", "/o/harbor/key.pem", OF_ORGANIZATION),
    f"{O}settings/": Row("GET", "/o/harbor/settings/", OF_ORGANIZATION),
    f"{O}settings/name/": Row("POST", Asked("/o/harbor/settings/name/", {"name": "Harbor"}), OF_OWNERS),
    f"{O}settings/members/": Row(
        "POST",
        Asked("/o/harbor/settings/members/", {"email": "new@example.test", "name": "New", "role": "member"}),
        OF_OWNERS,
    ),
    f"{O}settings/members/<uuid:user>/sessions/": Row(
        "POST", lambda w: f"/o/harbor/settings/members/{w.member().id}/sessions/", OF_OWNERS
    ),
    f"{O}settings/members/<uuid:user>/": Row(
        "POST", lambda w: f"/o/harbor/settings/members/{w.newcomer().id}/", OF_OWNERS
    ),
    f"{O}settings/tokens/": Row("POST", Asked("/o/harbor/settings/tokens/", {"name": "t"}), OF_ORGANIZATION),
    f"{O}settings/tokens/<uuid:token>/": Row(
        "POST", lambda w: f"/o/harbor/settings/tokens/{w.token()}/", {"bob": (404,), "mallory": (404,)}
    ),
    R: Row("GET", room()),
    f"{R}details/": Row("POST", Asked(room("details/"), {"name": "Auto claims"})),
    f"{R}archive/": Row("POST", room("archive/")),
    f"{R}restore/": Row("POST", room("restore/")),
    f"{R}people/": Row("GET", room("people/")),
    f"{R}people/<uuid:user>/": Row("POST", lambda w: Asked(room(f"people/{w.newcomer().id}/"), {"relation": "editor"})),
    f"{R}messages/": Row("POST", Asked(room("messages/"), {"body": "hello"})),
    f"{R}messages/<uuid:message>/edit/": Row(
        "POST", lambda w: Asked(room(f"messages/{w.message().id}/edit/"), {"body": "changed"})
    ),
    f"{R}messages/<uuid:message>/delete/": Row("POST", lambda w: room(f"messages/{w.message().id}/delete/")),
    f"{R}messages/<uuid:message>/history/": Row("GET", lambda w: room(f"messages/{w.message().id}/history/")),
    f"{R}threads/<uuid:message>/": Row("GET", lambda w: room(f"threads/{w.message().id}/")),
    f"{R}docs/": Row("POST", Asked(room("docs/"), {"files": upload("page.md")})),
    f"{R}docs/<uuid:document>/": Row("GET", lambda w: room(f"docs/{w.document().id}/")),
    f"{R}docs/<uuid:document>/content/": Row("GET", lambda w: room(f"docs/{w.document().id}/content/")),
    f"{R}docs/<uuid:document>/edit/": Row("GET", lambda w: room(f"docs/{w.document().id}/edit/")),
    f"{R}docs/<uuid:document>/compare/": Row("GET", lambda w: room(f"docs/{w.document().id}/compare/")),
    f"{R}docs/<uuid:document>/revisions/": Row(
        "POST", lambda w: Asked(room(f"docs/{w.document().id}/revisions/"), {"text": "new", "expected": "2"})
    ),
    f"{R}ledger/": Row("GET", room("ledger/")),
    f"{R}ledger/<int:number>/": Row("GET", room("ledger/1/")),
    f"{R}ledger/audit.<str:form>": Row("GET", room("ledger/audit.jsonl")),
}

CALLS = {
    "GET /api/v1/me": Row("GET", "/api/v1/me", {}, hidden=True),
    "GET /api/v1/organization/events": Row("GET", "/api/v1/organization/events", {"bob": (403,)}, hidden=True),
    "GET /api/v1/organization/audit.{form}": Row(
        "GET", "/api/v1/organization/audit.jsonl", {"bob": (403,)}, hidden=True
    ),
    f"GET {W}": Row("GET", W, {}, hidden=True),
    f"POST {W}": Row("POST", Asked(W, {"name": "Own"}, json=True), {}, hidden=True),
    f"GET {W}/{{room}}": Row("GET", api()),
    f"PATCH {W}/{{room}}": Row("PATCH", Asked(api(), {"purpose": "Cars"}, json=True)),
    f"POST {W}/{{room}}/archive": Row("POST", api("/archive")),
    f"POST {W}/{{room}}/restore": Row("POST", api("/restore")),
    f"GET {W}/{{room}}/search": Row("GET", api("/search?q=secret")),
    f"GET {W}/{{room}}/participants": Row("GET", api("/participants")),
    f"POST {W}/{{room}}/participants": Row(
        "POST", lambda w: Asked(api("/participants"), {"user": str(w.member().id), "relation": "viewer"}, json=True)
    ),
    f"PATCH {W}/{{room}}/participants/{{user}}": Row(
        "PATCH", lambda w: Asked(api(f"/participants/{w.newcomer().id}"), {"relation": "editor"}, json=True)
    ),
    f"DELETE {W}/{{room}}/participants/{{user}}": Row("DELETE", lambda w: api(f"/participants/{w.newcomer().id}")),
    f"GET {W}/{{room}}/messages": Row("GET", api("/messages")),
    f"POST {W}/{{room}}/messages": Row("POST", Asked(api("/messages"), {"body": "hello"}, json=True)),
    f"PATCH {W}/{{room}}/messages/{{message}}": Row(
        "PATCH", lambda w: Asked(api(f"/messages/{w.message().id}"), {"body": "changed"}, json=True)
    ),
    f"DELETE {W}/{{room}}/messages/{{message}}": Row("DELETE", lambda w: api(f"/messages/{w.message().id}")),
    f"GET {W}/{{room}}/documents": Row("GET", api("/documents")),
    f"POST {W}/{{room}}/documents": Row("POST", Asked(api("/documents"), {"file": upload("call.md")})),
    f"GET {W}/{{room}}/documents/{{document}}": Row("GET", lambda w: api(f"/documents/{w.document().id}")),
    f"GET {W}/{{room}}/documents/{{document}}/content": Row(
        "GET", lambda w: api(f"/documents/{w.document().id}/content")
    ),
    f"POST {W}/{{room}}/documents/{{document}}/revisions": Row(
        "POST",
        lambda w: Asked(
            api(f"/documents/{w.document().id}/revisions"), {"file": upload()}, headers={"If-Match": '"2"'}
        ),
    ),
    f"GET {W}/{{room}}/events": Row("GET", api("/events")),
    f"GET {W}/{{room}}/audit.{{form}}": Row("GET", api("/audit.jsonl")),
}
