"""The case of a run over the API: one file, or the story it tells."""

from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import Router

from accounts.api import caller
from orchestration.policies import access_run
from orchestration.runs.case import case_response
from orchestration.runs.replay import replay
from workrooms.policies import access_workroom

router = Router(tags=["runs"])


@router.get("/runs/{run}/case.zip", summary="The case of a run, to check offline")
def case(request: HttpRequest, run: str) -> FileResponse:
    """Events with proofs, approvals, document revisions, the story, and `verify.py`. Exporting it is logged."""
    return case_response(access_run(caller(request), run, "export_ledger"), actor=caller(request))


@router.get("/workrooms/{room}/runs/{run}/case.zip", summary="The case of a run of the room, by id or number")
def case_in_room(request: HttpRequest, room: str, run: str) -> FileResponse:
    """The same file."""
    found = access_workroom(caller(request), room, "export_ledger")
    return case_response(access_run(caller(request), run, "export_ledger", found), actor=caller(request))


@router.get("/runs/{run}/replay", summary="A run told from the ledger")
def story(request: HttpRequest, run: str) -> dict[str, Any]:
    """What was asked, seen, decided, done and said, by whom, for whom and why, in order."""
    scenes = replay(access_run(caller(request), run, "read_ledger"))
    return {"items": [scene.as_json() for scene in scenes], "next": None}
