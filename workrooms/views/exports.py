"""Taking a ledger home: the filtered view as a file."""

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.actions.exports import export_ledger, read_form
from accounts.models import Ledger
from accounts.views.exports import export_response
from workrooms.happenings import sentence
from workrooms.policies import access_workroom
from workrooms.shell import actor_of


@require_GET
def room_ledger(request: HttpRequest, organization: str, room: str, form: str) -> StreamingHttpResponse:
    """Hand out the room's ledger, filtered as the URL says, as JSON Lines, CSV, PDF or OCSF."""
    found = access_workroom(request.user, room, "export_ledger")
    ledger = Ledger.objects.get(pk=found.id)
    asked = request.GET.dict()
    exported = export_ledger(
        actor=actor_of(request), ledger=ledger, room=found.slug, asked=asked, form=read_form(form), sentence=sentence
    )
    return export_response(request, exported)
