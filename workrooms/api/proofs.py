"""Checkpoints and proofs of a room's ledger over the API."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accounts.api import caller, cursor
from accounts.models import Ledger
from accounts.proof_answers import checkpoint_answer, checkpoints_page, growth_answer, proof_answer
from workrooms.policies import access_workroom

router = Router(tags=["ledger"])


@router.get("/workrooms/{room}/checkpoint", summary="The ledger's signed checkpoint")
def checkpoint(request: HttpRequest, room: str, size: int | None = None) -> HttpResponse:
    """A C2SP signed note: origin, number of events, root of their RFC 6962 tree. With `size`, an earlier one."""
    return checkpoint_answer(_ledger(request, room), size)


@router.get("/workrooms/{room}/checkpoints", summary="What was signed of the ledger")
def checkpoints(request: HttpRequest, room: str, after: str | None = None) -> dict[str, Any]:
    """Sizes, roots, when they were signed and given to the witness; in order, 50 a page."""
    return checkpoints_page(_ledger(request, room), cursor(after))


@router.get("/workrooms/{room}/events/{seq}/proof", summary="One event and the proof that it is in the ledger")
def proof(request: HttpRequest, room: str, seq: int) -> HttpResponse:
    """A case file of one event, with its path to the root of a checkpoint; `verify.py` checks it."""
    return proof_answer(_ledger(request, room), seq, caller(request))


@router.get("/workrooms/{room}/consistency", summary="Proof that one checkpoint grew from another")
def consistency(request: HttpRequest, room: str, first: int, second: int) -> dict[str, Any]:
    """`verify.py` checks it with both checkpoints given."""
    return growth_answer(_ledger(request, room), first, second)


def _ledger(request: HttpRequest, room: str) -> Ledger:
    found = access_workroom(caller(request), room, "export_ledger")
    ledger: Ledger = Ledger.objects.get(pk=found.id)
    return ledger
