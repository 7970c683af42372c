"""Access that people ask for, over the API."""

from typing import Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller
from accounts.errors import Invalid
from orchestration.access.asking import ask_for_access, withdraw
from orchestration.access.deciding import decide_access, take_access_back
from orchestration.access.reading import RELATED, access_to_request, asked_of, decided_with
from orchestration.access.shapes import request_json
from orchestration.access.wanted import Given
from orchestration.models import AccessRequest
from workrooms.actions.documents import download_document
from workrooms.downloads import file_response
from workrooms.policies import access_admitted

router = Router(tags=["access"])
MOST = 100


class Asked(Schema):
    """`relation`: a higher relation to a room; `document`: to read one document, by the id in its address; `source`:
    that a room may query a source. `until` is how long, for good when left out."""

    kind: Literal["relation", "document", "source"]
    room: str
    relation: str = ""
    document: str = ""
    source: str = ""
    reason: str
    until: AwareDatetime | None = None


class Answer(Schema):
    """A refusal needs a note."""

    decision: Literal["approve", "deny"]
    note: str = ""


@router.get("/access-requests", summary="What the caller asked for, or may decide")
def index(request: HttpRequest, of: str = "mine") -> dict[str, Any]:
    """`of`: mine, open (for the caller to decide) or decided. The newest first; at most 100."""
    actor = caller(request)
    mine = AccessRequest.objects.filter(requester=actor).select_related(*RELATED).order_by("-created_at")
    rows: list[AccessRequest]
    if of == "mine":
        rows = list(mine[:MOST])
    elif of in ("open", "decided"):
        rows = asked_of(actor) if of == "open" else decided_with(actor, MOST)
    else:
        raise Invalid("No such list.", [("of", "expected mine, open or decided")])
    return {"items": [_shown(request, row.id) for row in rows], "next": None}


@router.post("/access-requests", response={201: dict[str, Any]}, summary="Ask for access")
def ask(request: HttpRequest, payload: Asked) -> tuple[int, dict[str, Any]]:
    """Answered alike for what is there and for what is not. 409 for what the caller has, or has asked for;
    429 for asking too often in a day."""
    asked = payload.dict()
    reason, until = asked.pop("reason"), asked.pop("until")
    row = ask_for_access(actor=caller(request), given=Given(**asked), reason=reason, until=until)
    return 201, _shown(request, row.id)


@router.get("/access-requests/{access}", summary="One request")
def show(request: HttpRequest, access: UUID) -> dict[str, Any]:
    """For who made it and who may decide it."""
    return _shown(request, access)


@router.post("/access-requests/{access}/decisions", response={201: dict[str, Any]}, summary="Answer a request")
def decide(request: HttpRequest, access: UUID, payload: Answer) -> tuple[int, dict[str, Any]]:
    """409 when it was decided or cannot be given; 403 for who asked; 404 for who may not decide any more."""
    row, _ = access_to_request(caller(request), access)
    decide_access(row, actor=caller(request), decision=payload.decision, note=payload.note)
    return 201, _shown(request, access)


@router.post("/access-requests/{access}/withdraw", summary="Withdraw a request")
def take_away(request: HttpRequest, access: UUID) -> dict[str, Any]:
    """For who made it, while nobody has decided it."""
    row, _ = access_to_request(caller(request), access)
    withdraw(row, actor=caller(request))
    return _shown(request, access)


@router.post("/access-requests/{access}/end", summary="Take back what was given")
def end(request: HttpRequest, access: UUID) -> dict[str, Any]:
    """For who might give it; it counts at once. 409 for a relation that was given for good."""
    row, _ = access_to_request(caller(request), access)
    take_access_back(row, actor=caller(request))
    return _shown(request, access)


@router.get("/given-documents/{document}/content", summary="The bytes of a document that the caller was given")
def content(request: HttpRequest, document: UUID, revision: int | None = None) -> FileResponse:
    """Whatever room it is in; a download, which is logged."""
    row = access_admitted(caller(request), document)
    return file_response(row, download_document(row, actor=caller(request), number=revision))


def _shown(request: HttpRequest, access: UUID) -> dict[str, Any]:
    row, right = access_to_request(caller(request), access)
    return request_json(row, caller(request), right)
