"""The four first steps in the demo's room. Each is done by doing it, and carries the ledger number of what did it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Event
from config.demo.harbor import FINISHED, WAITING
from orchestration.models import Run
from workrooms.entries import room_path
from workrooms.models import Document, Workroom

HARBOR, ROOM, SEEDED_RUNS = "harbor", "auto-claims", 3
DECIDED = ("approval.approved", "approval.edited", "approval.rejected")


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """Context of the demo's room: `first_run`, falsy elsewhere."""
    return {"first_run": SimpleLazyObject(lambda: _card(getattr(request, "room", None)))}


def _card(room: Workroom | None) -> dict[str, Any]:
    if room is None or room.slug != ROOM or room.organization.slug != HARBOR:
        return {}
    letter = Document.objects.filter(workroom=room, name=letter_name(FINISHED)).values_list("id", flat=True).first()
    if letter is None:
        return {}
    here, seen = room_path(room), _numbers(room, letter)
    steps = [
        ("see", "See a finished claim", f"The letter that settled {_claim(FINISHED)}.", f"docs/{letter}/"),
        ("start", "Start one", "Tick a claim, press Start, watch the agents.", "runs/new/"),
        ("decide", "Decide one", f"{_claim(WAITING)} waits for Ruth Abara.", ""),
        ("verify", "Verify the ledger", "Export it, check it offline.", "ledger/"),
    ]
    told = [
        {"seq": seen.get(name), "title": title, "text": text, "href": f"{here}{path}" if path else "/approvals/"}
        for name, title, text, path in steps
    ]
    return {"steps": told, "next": next((step for step in told if step["seq"] is None), None)}


def letter_name(paper: str) -> str:
    """Return the name of the letter that answers a claim document."""
    return f"letter-{_claim(paper)}.md"


def _claim(paper: str) -> str:
    return paper.removeprefix("claim-").partition(".")[0]


def _numbers(room: Workroom, letter: UUID) -> dict[str, int]:
    """Return the ledger number of the first event that did each step, in one query."""
    events = Event.objects.filter(ledger_id=room.id).order_by("seq")
    begun = Run.objects.filter(workroom=room, parent=None, number__gt=SEEDED_RUNS).order_by("number").values("id")[:1]
    firsts = {
        "see": events.filter(kind="document.opened", object=f"document:{letter}")[:1],
        "start": events.filter(kind="run.started", run__in=begun)[:1],
        "decide": events.filter(kind__in=DECIDED)[:1],
        "verify": events.filter(kind="ledger.exported")[:1],
    }
    kinds = {"document.opened": "see", "run.started": "start", "ledger.exported": "verify"}
    first, *others = [rows.values_list("kind", "seq") for rows in firsts.values()]
    return {kinds.get(kind, "decide"): seq for kind, seq in first.union(*others)}
