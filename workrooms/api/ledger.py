"""A room's ledger over the API."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from accounts.actions.exports import export_ledger, read_form
from accounts.api import caller, event_page
from accounts.models import Ledger
from accounts.views.exports import export_response
from workrooms.happenings import sentence
from workrooms.policies import access_workroom

router = Router(tags=["ledger"])


@router.get("/workrooms/{room}/events", summary="Events of a room")
def events(request: HttpRequest, room: str, after: str | None = None) -> dict[str, Any]:
    """In order, 50 a page. Filters: kind, actor, agent, tool, decision, run, object, q, since, until."""
    found = access_workroom(caller(request), room, "read_ledger")
    return event_page(Ledger.objects.get(pk=found.id), request, after)


@router.get("/workrooms/{room}/audit.{form}", summary="The ledger as JSON Lines, CSV, PDF or OCSF")
def audit(request: HttpRequest, room: str, form: str) -> StreamingHttpResponse:
    """Exactly what the same filters show; JSON Lines can be verified offline with `verify.py`. Exporting is logged."""
    found = access_workroom(caller(request), room, "export_ledger")
    exported = export_ledger(
        actor=caller(request),
        ledger=Ledger.objects.get(pk=found.id),
        room=found.slug,
        asked=request.GET.dict(),
        form=read_form(form),
        sentence=sentence,
    )
    return export_response(request, exported)
