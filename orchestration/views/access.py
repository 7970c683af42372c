"""Pages of access that people ask for: asking, deciding, and reading what one was given."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.clearances import admissions_of
from accounts.errors import Conflict, Invalid, Problem
from accounts.relations import PEOPLE_RELATIONS
from orchestration.access.asking import ask_for_access, shown_state, withdraw
from orchestration.access.deciding import decide_access, take_access_back
from orchestration.access.reading import RELATED, access_to_request, asked_of, deciders_of, holds, number_of
from orchestration.access.shapes import asked_for
from orchestration.access.wanted import Given
from orchestration.models import AccessRequest
from orchestration.policies import Right
from orchestration.views.reaching import of_request
from workrooms.actions.documents import download_document, open_document
from workrooms.downloads import file_response
from workrooms.entries import room_path
from workrooms.models import Document
from workrooms.policies import access_admitted, access_workroom
from workrooms.previews import preview
from workrooms.shell import actor_of, organization_of, page
from workrooms.views.away import moment
from workrooms.views.rooms import number_in

MOST = 100


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, organization: str) -> HttpResponse:
    """Show what the viewer asked for and was given; POST asks for more."""
    if request.method == "GET":
        return _mine(request)
    try:
        ask_for_access(
            actor=actor_of(request),
            given=_given(request),
            reason=request.POST.get("reason", ""),
            until=moment(request.POST.get("until", ""), "until"),
        )
    except Problem as problem:
        return _mine(request, problem)
    return redirect("access", organization=organization)


def _given(request: HttpRequest) -> Given:
    """Return what the form asks for; the link says the room and the document. Raises Invalid."""
    posted, slug = request.POST, organization_of(request).slug
    try:
        named: dict[str, Any] = resolve(urlsplit(posted.get("link", "").strip()).path).kwargs
    except (Http404, ValueError):
        named = {}
    if named.get("organization") != slug or "room" not in named:
        expected = f"expected an address that begins with /o/{slug}/r/"
        raise Invalid("This is no link to a room or a document.", [("link", expected)])
    document = str(named.get("document", ""))
    kind = posted.get("kind", "")
    relation = posted.get("relation", "") if kind == "relation" else ""
    source = posted.get("source", "").strip() if kind == "source" else ""
    return Given(kind, named["room"], relation, document, source)


def _mine(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    actor = actor_of(request)
    rows = AccessRequest.objects.filter(requester=actor).select_related(*RELATED).order_by("-created_at")[:MOST]
    admitted = {UUID(one.object.partition(":")[2]): one for one in admissions_of(actor)}
    found = Document.objects.filter(pk__in=admitted).order_by("name")
    context = page(
        request,
        "access",
        asked=[{"row": row, "state": shown_state(row), "holds": _holds(row)} for row in rows],
        documents=[{"document": row, "admission": admitted[row.id]} for row in found],
        relations=PEOPLE_RELATIONS,
        link=request.POST.get("link") or request.GET.get("for", ""),
        posted=request.POST,
        now=timezone.now(),
        problem=problem,
    )
    return render(request, "orchestration/access/index.html", context, status=problem.status if problem else 200)


def _holds(row: AccessRequest) -> bool:
    return row.state == AccessRequest.State.GRANTED and row.ended_at is None and holds(row)


@require_POST
def take_away(request: HttpRequest, organization: str, access: UUID) -> HttpResponse:
    """Withdraw a request."""
    row, _ = access_to_request(actor_of(request), access)
    withdraw(row, actor=actor_of(request))
    return redirect("access", organization=organization)


@require_GET
def document(request: HttpRequest, organization: str, document: UUID) -> HttpResponse:
    """Show one document that the viewer was given, without the room it is in."""
    row = access_admitted(actor_of(request), document)
    revision = open_document(row, actor=actor_of(request), number=number_in(request, "revision"))
    admission = next(one for one in admissions_of(actor_of(request)) if one.object == f"document:{row.id}")
    context = page(request, "access", document=row, revision=revision, admission=admission)
    return render(request, "orchestration/access/document.html", context | {"preview": preview(row, revision)})


@require_GET
def content(request: HttpRequest, organization: str, document: UUID) -> FileResponse:
    """Hand out the bytes of a document that the viewer was given."""
    row = access_admitted(actor_of(request), document)
    return file_response(row, download_document(row, actor=actor_of(request), number=number_in(request, "revision")))


@require_POST
def end(request: HttpRequest, organization: str, room: str, access: UUID) -> HttpResponse:
    """Take back what was given."""
    found = access_workroom(request.user, room)
    row, _ = access_to_request(actor_of(request), access)
    take_access_back(row, actor=actor_of(request))
    return redirect(f"{room_path(found)}authority/#given")


@of_request
@require_GET
def show(request: HttpRequest, access: UUID) -> HttpResponse:
    """Show one request, and the two answers to whom may give them; to who asked, the list of theirs."""
    row, right = access_to_request(actor_of(request), access)
    if row.requester_id == actor_of(request).id:
        return redirect("access", organization=organization_of(request).slug)
    return _page(request, row, right)


@of_request
@require_POST
def decide(request: HttpRequest, access: UUID) -> HttpResponse:
    """Answer; a refused answer shows the request as it stands now, with the reason."""
    row, right = access_to_request(actor_of(request), access)
    try:
        answer, note = request.POST.get("decision", ""), request.POST.get("note", "")
        decide_access(row, actor=actor_of(request), decision=answer, note=note)
    except (Conflict, Invalid) as problem:
        fresh, right = access_to_request(actor_of(request), access)
        return _page(request, fresh, right, problem)
    return redirect(f"/approvals/access/{row.id}/#result")


def _page(request: HttpRequest, row: AccessRequest, right: Right, problem: Problem | None = None) -> HttpResponse:
    assert row.workroom is not None
    waiting = [one.id for one in asked_of(actor_of(request))]
    following = next((one for one in waiting if one != row.id), None)
    context = {
        "request_": row,
        "asked": asked_for(row),
        "right": right,
        "deciders": deciders_of(row),
        "number": number_of(row),
        "room": row.workroom,
        "here": room_path(row.workroom),
        "waiting": len(waiting),
        "following": f"/approvals/access/{following}/" if following else "",
        "holds": _holds(row),
        "problem": problem,
    }
    return render(request, "orchestration/access/show.html", context, status=problem.status if problem else 200)
