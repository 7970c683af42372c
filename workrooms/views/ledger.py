"""The room's ledger: what happened, by whom, and whether it still holds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.clearances import as_seen_by
from accounts.errors import NotFound
from accounts.ledger.reading import CONDITIONS, PAGE, events_of, newest_events, read_filter, shown
from accounts.models import Event, Ledger, SigningKey
from workrooms.happenings import happenings
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page
from workrooms.views.rooms import number_in


@require_GET
def index(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show events, newest first, filtered as the URL says, 50 a page."""
    found = access_workroom(request.user, room, "read_ledger")
    wanted = as_seen_by(actor_of(request), read_filter(request.GET.dict()))
    events = newest_events(found.id, wanted, number_in(request, "before"))
    context = room_page(request, found, "ledger", "Ledger", filter=wanted.given, names=CONDITIONS)
    query = request.GET.copy()
    query.pop("before", None)
    context |= {
        "rows": happenings(events, context["shell"]["people"], context["shell"]["agents"]),
        "ledger": Ledger.objects.get(pk=found.id),
        "key_id": SigningKey.objects.latest("created_at").key_id,
        "query": query.urlencode(),
        "count": events_of(found.id).filter(wanted.condition).count(),
        "older": _older(query.urlencode(), events),
        "kinds": _kinds(found),
    }
    return render(request, "workrooms/ledger/index.html", context)


def _older(query: str, events: list[Event]) -> str:
    more = len(events) == PAGE and events[-1].seq > 1
    return f"?{query + '&' if query else ''}before={events[-1].seq}" if more else ""


def _kinds(room: Workroom) -> list[str]:
    return sorted(events_of(room.id).values_list("kind", flat=True).distinct())


@require_GET
def event(request: HttpRequest, organization: str, room: str, number: int) -> HttpResponse:
    """Show one event: its JSON, its hashes, and its place in the timeline."""
    found = access_workroom(request.user, room, "read_ledger")
    row = events_of(found.id).filter(as_seen_by(actor_of(request), read_filter({})).condition, seq=number).first()
    if row is None:
        raise NotFound(f"The ledger of {found.name} has no event {number}.")
    context = room_page(request, found, "ledger", f"#{number:,}")
    [happening] = happenings([row], context["shell"]["people"], context["shell"]["agents"])
    context |= {"row": happening, "json": shown(row), "ledger": Ledger.objects.get(pk=found.id)}
    return render(request, "workrooms/ledger/event.html", context)


@require_GET
def check(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """The page that checks an export in the browser."""
    found = access_workroom(request.user, room, "read_ledger")
    return render(request, "workrooms/ledger/check.html", room_page(request, found, "ledger", "Check an export"))
