"""API v1 of WHO: the caller, and the organization's own ledger."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router

from accounts.actions.exports import export_ledger, read_form
from accounts.bounds import current_bound
from accounts.clearances import as_seen_by
from accounts.errors import Invalid
from accounts.ledger.reading import PAGE, events_after, read_filter, shown
from accounts.models import Ledger, Organization, User
from accounts.policies import access_organization
from accounts.proof_answers import checkpoint_answer, checkpoints_page, growth_answer, proof_answer
from accounts.views.exports import export_response

router = Router(tags=["organization"])


def caller(request: HttpRequest) -> User:
    """Return who calls; the API's door let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def organization_of(request: HttpRequest) -> Organization:
    """Return the organization the call is made in."""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    return organization


def cursor(given: str | None) -> int:
    """Return the number a list goes on after. Raises Invalid."""
    if not given:
        return 0
    if not given.isdecimal() or len(given) > 18:
        raise Invalid("`after` must be a number.", [("after", f"expected a number, found {given[:40]!r}")])
    return int(given)


def event_page(ledger: Ledger, request: HttpRequest, after: str | None) -> dict[str, Any]:
    """Return a page of a ledger's events, filtered as the query says, in order."""
    wanted = as_seen_by(caller(request), read_filter(request.GET.dict()))
    events = events_after(ledger.id, wanted, cursor(after))
    following = str(events[-1].seq) if len(events) == PAGE else None
    return {"items": [shown(event) for event in events], "next": following}


@router.get("/me", summary="The caller, the organization and the caller's relations")
def me(request: HttpRequest) -> dict[str, Any]:
    """Relations are `{room id: relation}`; of a narrowed token there is its `scope`, and the `service` that has it."""
    user, organization = caller(request), organization_of(request)
    membership = access_organization(user, organization)
    relations = user.participations.all()
    bound = current_bound()
    if bound and bound.room:
        relations = relations.filter(workroom_id=bound.room)
    return {
        "id": str(user.id),
        "name": user.name,
        "email": user.email,
        "kind": user.kind,
        "organization": {"id": str(organization.id), "slug": organization.slug, "name": organization.name},
        "role": membership.role,
        "relations": {str(each.workroom_id): each.relation_now for each in relations if each.relation_now},
        **({"scope": sorted(bound.verbs)} if bound else {}),
        **({"service": {"id": str(bound.service.id), "name": bound.service.name}} if bound and bound.service else {}),
    }


@router.get("/organization/events", summary="Events of the organization's own ledger")
def organization_events(request: HttpRequest, after: str | None = None) -> dict[str, Any]:
    """Filters: kind, actor, agent, tool, decision, run, object, q, since, until. Owners only."""
    return event_page(_own_ledger(request), request, after)


@router.get("/organization/audit.{form}", summary="The organization's ledger as JSON Lines, CSV, PDF or OCSF")
def organization_audit(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """Filters as for its events; owners only."""
    ledger = _own_ledger(request)
    exported = export_ledger(
        actor=caller(request),
        ledger=ledger,
        room=None,
        asked=request.GET.dict(),
        form=read_form(form),
    )
    return export_response(request, exported)


@router.get("/organization/checkpoint", summary="The organization's ledger's signed checkpoint")
def organization_checkpoint(request: HttpRequest, size: int | None = None) -> HttpResponse:
    """A C2SP signed note; with `size`, an earlier one. Owners only."""
    return checkpoint_answer(_own_ledger(request), size)


@router.get("/organization/checkpoints", summary="What was signed of the organization's ledger")
def organization_checkpoints(request: HttpRequest, after: str | None = None) -> dict[str, Any]:
    """In order, 50 a page. Owners only."""
    return checkpoints_page(_own_ledger(request), cursor(after))


@router.get("/organization/events/{seq}/proof", summary="One event of the organization and its proof")
def organization_proof(request: HttpRequest, seq: int) -> HttpResponse:
    """A case file of one event; `verify.py` checks it. Owners only."""
    return proof_answer(_own_ledger(request), seq, caller(request))


@router.get("/organization/consistency", summary="Proof that one checkpoint grew from another")
def organization_consistency(request: HttpRequest, first: int, second: int) -> dict[str, Any]:
    """`verify.py` checks it with both checkpoints given. Owners only."""
    return growth_answer(_own_ledger(request), first, second)


def _own_ledger(request: HttpRequest) -> Ledger:
    organization = organization_of(request)
    access_organization(caller(request), organization, owner=True)
    ledger: Ledger = Ledger.objects.get(pk=organization.id)
    return ledger
