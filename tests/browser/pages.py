"""Every page there is, with something on it: where it is, who looks, and how one gets there."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.people import DESKTOP, ROOM, comes_in

API = "/api/v1"
ROOM_API = f"{API}/workrooms/auto-claims"
FOR_NOBODY = {"sign-in": "/account/login/", "password-reset": "/account/password/reset/"}
FOR_OWNERS = {
    "settings": "/o/harbor/settings/",
    "sessions": "/account/sessions/",
    "people": f"{ROOM}people/",
    "boundaries": f"{ROOM}boundaries/",
    "details": f"{ROOM}details/",
    "room-new": "/o/harbor/rooms/new/",
    "usage": "/o/harbor/usage/",
    "room-usage": f"{ROOM}usage/",
    "services": "/o/harbor/settings/services/",
}
LETTER = "Dear Ms Whitfield,\n\nwe have your claim and look at it.\n"


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its name, its address or how to reach it, and who looks at it ("" is nobody signed in)."""

    name: str
    path: str
    who: str = "supervisor"
    reach: Callable[[Page], None] | None = None

    def open(self, page: Page) -> None:
        """Show it on `page`."""
        page.goto(self.path)
        if self.reach:
            self.reach(page)
        page.wait_for_timeout(300)


def asks(page: Page, method: str, path: str, **more: Any) -> Any:
    """Call the API as the person signed in on `page`, and return the answer's JSON."""
    cookies = {cookie.get("name"): cookie.get("value", "") for cookie in page.context.cookies()}
    headers = {"X-CSRFToken": cookies.get("csrftoken", ""), "Referer": page.url, **more.pop("headers", {})}
    answer = page.request.fetch(path, method=method, headers=headers, **more)
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:300]}"
    return answer.json()


def people(browser: Browser, url: str) -> dict[str, Page]:
    """Return a page for each who looks."""
    nobody = browser.new_context(base_url=url, viewport={"width": DESKTOP[0], "height": DESKTOP[1]}).new_page()
    return {"": nobody} | {who: comes_in(browser, url, who) for who in ("supervisor", "adjuster", "owner", "viewer")}


FOR_EVERYBODY = {
    "rooms": "/o/harbor/",
    "room": ROOM,
    "documents": f"{ROOM}docs/",
    "runs": f"{ROOM}runs/",
    "run": f"{ROOM}runs/2/",
    "run-finished": f"{ROOM}runs/1/",
    "run-new": f"{ROOM}runs/new/",
    "run-begin-from": f"{ROOM}runs/1/fork/",
    "run-compare": f"{ROOM}runs/2/compare/?with=1",
    "trials": f"{ROOM}teams/auto-claims/trials/",
    "teams": f"{ROOM}teams/",
    "team": f"{ROOM}teams/auto-claims/",
    "team-mistake": f"{ROOM}teams/trial/",
    "team-compare": f"{ROOM}teams/librarian/compare/?from=1",
    "inbox": "/approvals/",
    "ledger": f"{ROOM}ledger/",
    "ledger-event": f"{ROOM}ledger/5/",
    "search": "/o/harbor/search/?q=payout",
    "organizations": "/organizations/",
    "not-found": f"{ROOM}runs/999/",
    "run-over-time": f"{ROOM}runs/1/?view=gantt",
}


def places(at: dict[str, Page]) -> list[Place]:
    """Make what the demo lacks (a decision, a second revision, a draft with a mistake), and return every page."""
    document = _two_revisions(at["adjuster"])
    decided, waiting = _decided(at), _waiting(at["supervisor"], "CL-4466")
    run = next(row for row in _items(at["supervisor"], f"{ROOM_API}/messages?limit=200") if row["kind"] == "run")
    _draft_with_a_mistake(at["supervisor"])
    paths = {
        "thread": f"{ROOM}threads/{run['id']}/",
        "document": f"{ROOM}docs/{document}/",
        "document-edit": f"{ROOM}docs/{document}/edit/",
        "document-compare": f"{ROOM}docs/{document}/compare/?from=1&to=2",
        "letter": f"{ROOM}docs/{_letter(at['supervisor'])}/",
        "trial": f"{ROOM}teams/auto-claims/trials/{_tried(at['supervisor'])}/",
        "rehearsal": f"{ROOM}runs/{_rehearsed(at['supervisor'])}/",
        "consent-ask": _asked_for_consent(at["owner"]),
        "approval": f"/approvals/{waiting}/",
        "approval-decided": f"/approvals/{decided}/",
    }
    return [
        *(Place(name, path, "") for name, path in FOR_NOBODY.items()),
        *(Place(name, path) for name, path in {**FOR_EVERYBODY, **paths}.items()),
        *(Place(name, path, "owner") for name, path in FOR_OWNERS.items()),
        Place("consents", _consented(at["adjuster"]), "adjuster"),
        Place("approval-not-mine", f"/approvals/{waiting}/", "adjuster"),
        Place("document-conflict", f"{ROOM}docs/{document}/edit/", "adjuster", _conflict(document)),
        Place("runs-forecast", f"{ROOM}runs/", "adjuster", _forecast),
    ]


def _items(page: Page, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = asks(page, "GET", path)["items"]
    return items


def _documents(page: Page) -> dict[str, str]:
    return {row["name"]: row["id"] for row in _items(page, f"{ROOM_API}/documents?limit=200")}


def _letter(page: Page) -> str:
    return _documents(page)["letter-CL-4467.md"]


def _file(text: str) -> dict[str, Any]:
    return {"file": {"name": "draft-CL-4466.md", "mimeType": "text/markdown", "buffer": text.encode()}}


def _two_revisions(page: Page) -> str:
    known = _documents(page).get("draft-CL-4466.md")
    if known:
        return known
    made: str = asks(page, "POST", f"{ROOM_API}/documents", multipart=_file(LETTER))["id"]
    changed, match = LETTER.replace("look at it", "looked at it today"), {"If-Match": '"1"'}
    asks(page, "POST", f"{ROOM_API}/documents/{made}/revisions", multipart=_file(changed), headers=match)
    return made


def _waiting(page: Page, claim: str) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for row in _items(page, f"{API}/approvals?state=open"):
            if claim in row["title"]:
                return str(row["id"])
        page.wait_for_timeout(200)
    raise AssertionError(f"nobody is asked about {claim}")


def ask_about(adjuster: Page, supervisor: Page, paper: str) -> str:
    """Start the claims team on a paper that needs a person, and return the id of the question."""
    goal = {"team": "auto-claims", "goal": "Settle this claim.", "documents": [_documents(adjuster)[paper]]}
    asks(adjuster, "POST", f"{ROOM_API}/runs", data=goal)
    return _waiting(supervisor, paper.removeprefix("claim-").partition(".")[0])


def _decided(at: dict[str, Page]) -> str:
    supervisor = at["supervisor"]
    waiting = ask_about(at["adjuster"], supervisor, "claim-CL-4459.pdf")
    shown = asks(supervisor, "GET", f"{API}/approvals/{waiting}")
    reason = "The policy was bound after the incident."
    answer = {"decision": "reject", "reason": reason, "digest": shown["digest"]}
    asks(supervisor, "POST", f"{API}/approvals/{waiting}/decisions", data=answer)
    return waiting


def _draft_with_a_mistake(page: Page) -> None:
    librarian = asks(page, "GET", f"{ROOM_API}/teams/librarian")["draft"]
    yaml = {"Content-Type": "application/yaml"}
    mistaken = librarian.replace("documents.search", "documents.serach", 1)
    asks(page, "PUT", f"{ROOM_API}/teams/trial", data=mistaken, headers=yaml)
    asks(page, "PUT", f"{ROOM_API}/teams/librarian", data=f"{librarian}# Asked for by Ruth.\n", headers=yaml)


def _tried(page: Page) -> str:
    """The claims team's draft, tried on its finished runs."""
    made: str = asks(page, "POST", f"{ROOM_API}/teams/auto-claims/trials", data={"runs": 5})["id"]
    end = time.monotonic() + 30
    while asks(page, "GET", f"{API}/trials/{made}")["state"] != "finished":
        assert time.monotonic() < end, "the trial does not come to its end"
        page.wait_for_timeout(200)
    return made


def _rehearsed(page: Page) -> int:
    """A rehearsal of the claims team."""
    run = asks(page, "POST", f"{ROOM_API}/teams/auto-claims/rehearse", data={})
    page.wait_for_timeout(2000)
    return int(run["number"])


def _asked_for_consent(owner: Page) -> str:
    """Where the supervisor is asked whether a service may act for them; it is registered if it is not there yet."""
    if not any(row["slug"] == "claims-portal" for row in _items(owner, f"{API}/services")):
        asks(owner, "POST", f"{API}/services", data={"name": "Claims portal"})
    return "/o/harbor/consents/new/?service=claims-portal&room=auto-claims&verbs=messages.read+runs.start&days=30"


def _consented(adjuster: Page) -> str:
    """The page of what the adjuster lets services do, with something on it."""
    verbs = ["messages.read", "messages.post"]
    asks(adjuster, "POST", f"{API}/consents", data={"service": "claims-portal", "room": "auto-claims", "verbs": verbs})
    return "/o/harbor/consents/"


def _conflict(document: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        number = asks(page, "GET", f"{ROOM_API}/documents/{document}")["revision"]
        match = {"If-Match": f'"{number}"'}
        theirs = LETTER.replace("look at it", f"looked at it, revision {number + 1}")
        asks(page, "POST", f"{ROOM_API}/documents/{document}/revisions", multipart=_file(theirs), headers=match)
        page.locator("textarea[name=text]").fill(LETTER.replace("look at it", "wait for the police report"))
        page.get_by_role("button", name="Save revision").click()
        page.get_by_role("heading", name="Two texts of").wait_for()

    return reach


def _forecast(page: Page) -> None:
    rows = "claim_number,policy_number\nCL-1,310774\nCL-2,448201\n"
    file: Any = {"name": "november.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("main input[type=file]").set_input_files(file)
    page.evaluate("document.querySelector('main form[data-upload]').submit()")
    page.get_by_role("heading", name="Start 2 runs?").wait_for()
