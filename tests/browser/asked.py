"""Pages of access that people ask for, and of deciding for who is away, with something on each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from tests.browser.pages import API, Place, asks
from tests.browser.people import ROOM

PAPER: Any = {
    "name": "reserves.md",
    "mimeType": "text/markdown",
    "buffer": b"# Reserves\n\nWhat is set aside for 2027.\n",
}


def access_places(at: dict[str, Page]) -> list[Place]:
    """Ask for access and answer, name a deputy, and return the pages that show it."""
    owner, adjuster = at["owner"], at["adjuster"]
    _away(at["supervisor"], "Auditor")
    given, waiting = _given_document(owner, adjuster), _asked(adjuster, "owner", days=None)
    decided = _answered(owner, _asked(at["viewer"], "editor", days=5))
    return [
        Place("away", "/o/harbor/away/", "supervisor"),
        Place("access", f"/o/harbor/access/?for={ROOM}", "adjuster"),
        Place("access-document", f"/o/harbor/access/documents/{given}/", "adjuster"),
        Place("access-request", f"/approvals/access/{waiting}/", "owner"),
        Place("access-decided", f"/approvals/access/{decided}/", "owner"),
        Place("inbox-access", "/approvals/", "owner"),
        Place("people-until", f"{ROOM}people/", "adjuster"),
        Place("authority-given", f"{ROOM}authority/", "owner"),
        Place("ask-for-more", f"{ROOM}keeping/", "adjuster"),
    ]


def _in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def _away(page: Page, deputy: str) -> None:
    people = asks(page, "GET", f"{API}/workrooms/auto-claims/participants")["items"]
    chosen = next(one["user"]["id"] for one in people if deputy.lower() in one["relation"])
    if not asks(page, "GET", f"{API}/delegations")["items"]:
        asks(page, "POST", f"{API}/delegations", data={"deputy": chosen, "until": _in(4)})


def _asked(page: Page, relation: str, days: int | None) -> str:
    mine = asks(page, "GET", f"{API}/access-requests")["items"]
    known = [one["id"] for one in mine if one["named"].startswith(relation)]
    wanted = {"kind": "relation", "room": "auto-claims", "relation": relation, "reason": "For the yearly audit."}
    until = {"until": _in(days)} if days else {}
    return str(known[0] if known else asks(page, "POST", f"{API}/access-requests", data=wanted | until)["id"])


def _answered(owner: Page, access: str) -> str:
    if asks(owner, "GET", f"{API}/access-requests/{access}")["state"] == "open":
        asks(owner, "POST", f"{API}/access-requests/{access}/decisions", data={"decision": "approve", "note": "Go on."})
    return access


def _given_document(owner: Page, adjuster: Page) -> str:
    """A document of a room that the adjuster is not in."""
    rooms = {row["slug"]: row for row in asks(owner, "GET", f"{API}/workrooms")["items"]}
    if "reserves" not in rooms:
        asks(owner, "POST", f"{API}/workrooms", data={"name": "Reserves", "slug": "reserves"})
        asks(owner, "POST", f"{API}/workrooms/reserves/documents", multipart={"file": PAPER})
    document = asks(owner, "GET", f"{API}/workrooms/reserves/documents")["items"][0]["id"]
    wanted = {"kind": "document", "room": "reserves", "document": document, "reason": "The auditor asked me."}
    if not [one for one in asks(adjuster, "GET", f"{API}/access-requests")["items"] if one["kind"] == "document"]:
        asked = asks(adjuster, "POST", f"{API}/access-requests", data=wanted)
        _answered(owner, asked["id"])
    return str(document)
