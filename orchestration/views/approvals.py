"""The inbox, and an approval's page of its own."""

import datetime as dt
from typing import Any, get_args
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Conflict, Forbidden, Invalid, Problem
from accounts.middleware import in_unit, own_units
from accounts.models import User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval, supersede
from orchestration.actions.lending import LONGEST, Reach, lendable
from orchestration.approvals.form import read_edits, reason_of
from orchestration.approvals.inbox import Inbox, inbox_of, waiting_for
from orchestration.models import Approval, ApprovalDecision
from orchestration.pages.approval import page_context
from orchestration.policies import access_approval
from orchestration.views.reaching import of_approval
from workrooms.entries import room_path
from workrooms.shell import actor_of, page
from workrooms.templatetags.face import ago

ASKED_AGAIN = "A document changed after this was asked. Nothing was decided; this is the new question."


@own_units
@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """Show what waits for the viewer in all their organizations, the most urgent first."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    user, inbox = request.user, Inbox()
    organizations = organizations_of(user)
    for organization_id in organizations:
        with unit_of_work(organization_id):
            inbox.add(inbox_of(user))
    current = getattr(request, "organization_id", None) or (organizations[0] if organizations else None)
    if current is None:
        return redirect("home")

    def shown() -> HttpResponse:
        context = {**page(request, "inbox"), **inbox.sorted(), "waiting": len(inbox.mine) + len(inbox.requests)}
        return render(request, "orchestration/approval/index.html", context)

    return in_unit(request, current, shown)


@own_units
@require_GET
def badge(request: HttpRequest) -> HttpResponseBase:
    """How many decisions wait for the viewer in all their organizations, as the badge shows it; empty for none."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    count = 0
    for organization_id in organizations_of(request.user):
        with unit_of_work(organization_id):
            count += waiting_for(request.user)
    return render(request, "orchestration/approval/_badge.html", {"waiting": count})


@of_approval
@require_GET
def show(request: HttpRequest, approval: UUID) -> HttpResponse:
    """Show one approval, and the four answers to whom may give them."""
    row = access_approval(request.user, approval)
    return _page(request, row, ASKED_AGAIN if "again" in request.GET else "")


def _page(request: HttpRequest, row: Approval, problem: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"room": row.workroom, "here": room_path(row.workroom), "problem": problem}
    context |= page_context(row, actor_of(request))
    context |= {"targets": lendable(row), "latest": timezone.now() + LONGEST}
    return render(request, "orchestration/approval/show.html", context, status=status)


@of_approval
@require_POST
def decide(request: HttpRequest, approval: UUID) -> HttpResponse:
    """Answer; a refused answer shows the question as it stands now, with the reason."""
    row, actor = access_approval(request.user, approval), actor_of(request)
    posted = request.POST.dict()
    decision = posted.get("decision", "")
    try:
        edits = read_edits(row, posted) if decision == ApprovalDecision.Verb.EDIT else None
        decide_approval(
            row,
            actor=actor,
            decision=decision,
            digest=posted.get("digest", ""),
            reason=reason_of(posted),
            edits=edits,
            **_lent(posted),
        )
    except Conflict as conflict:
        if conflict.extra.get("reask"):
            successor = supersede(row, actor=actor)
            return redirect(f"/approvals/{successor.id}/?again")
        fresh = access_approval(request.user, approval)
        return _page(request, fresh, _told(fresh, conflict), conflict.status)
    except (Forbidden, Invalid) as refusal:
        return _page(request, row, _told(row, refusal), refusal.status)
    return redirect(f"/approvals/{row.id}/#result")


def _lent(posted: dict[str, str]) -> dict[str, Any]:
    """Return how long an approved target is lent; times of the form are in UTC. Raises Invalid."""
    reach = posted.get("lend", "once")
    if reach not in get_args(Reach):
        raise Invalid("Say for how long.", [("lend", f"expected {', '.join(get_args(Reach))}")])
    try:
        until = parse_datetime(posted.get("until", "")) if reach == "room" else None
    except ValueError:
        raise Invalid("Say until when.", [("until", "expected a day and a time")]) from None
    return {"lend": reach, "until": until.replace(tzinfo=until.tzinfo or dt.UTC) if until else None}


def _told(row: Approval, problem: Problem) -> str:
    """Say who was quicker, and when; else what is wrong, and where."""
    closing = row.decisions.exclude(decision=ApprovalDecision.Verb.ASK).select_related("user").first()
    if closing is not None and isinstance(problem, Conflict):
        did = {"reject": "rejected", "edit": "edited and approved"}.get(closing.decision, "approved")
        return f"{closing.user.name} {did} this {ago(closing.created_at)} ago. Your answer was not taken."
    if isinstance(problem, Conflict) and row.state != Approval.State.OPEN:
        return f"This was {row.state} {ago(row.decided_at or timezone.now())} ago. Your answer was not taken."
    return " ".join([problem.detail, *(message for _, message in problem.errors)])
