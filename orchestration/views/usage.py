"""What was used and what may be spent: of a room for its managers, of the organization for its owners."""

import csv
import io
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.errors import Invalid, Problem
from accounts.models import Membership
from accounts.policies import access_organization
from orchestration.actions.allowances import set_allowance, this_month
from orchestration.limits.usage import DIMENSIONS, Wanted, as_csv, read_wanted, total, usage
from orchestration.models import Allowance
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, organization_of, page, room_page


@require_GET
def of_organization(request: HttpRequest, organization: str) -> HttpResponse:
    """Show or send (`.csv`) what the organization used."""
    access_organization(request.user, organization_of(request), owner=True)
    wanted = read_wanted({"by": "room", **request.GET.dict()})
    return usage_csv(wanted, None) if request.path.endswith(".csv") else _page(request, wanted)


@require_GET
def of_room(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """Show or send (`.csv`) what a room used."""
    found = access_workroom(request.user, room, "manage_room")
    wanted = read_wanted(request.GET.dict())
    if request.path.endswith(".csv"):
        return usage_csv(wanted, found)
    membership = access_organization(request.user, organization_of(request))
    context = _shown(request, wanted, found) | {"owns": membership.role == Membership.Role.OWNER}
    return render(request, "orchestration/usage/room.html", room_page(request, found, "people", "Usage", **context))


@require_POST
def budget(request: HttpRequest, organization: str) -> HttpResponse:
    """Cap what the organization or a room may spend in a month; an empty field takes a cap away."""
    access_organization(request.user, organization_of(request), owner=True)
    slug = request.POST.get("room", "")
    room = access_workroom(request.user, slug) if slug else None
    try:
        cost, tokens = read_cents(request.POST.get("cost", "")), _tokens(request.POST.get("tokens", ""))
        set_allowance(room, actor=actor_of(request), cost_cents=cost, tokens=tokens)
    except Problem as problem:
        return _page(request, read_wanted({"by": "room"}), problem)
    return redirect("usage", organization=organization_of(request).slug)


def usage_csv(wanted: Wanted, room: Workroom | None) -> HttpResponse:
    """Return what was used as a file for a spreadsheet."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(as_csv(usage(wanted, room), wanted.by))
    name = f"usage-{room.slug if room else 'organization'}-{wanted.since}-{wanted.until}-by-{wanted.by}.csv"
    return HttpResponse(
        buffer.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(request: HttpRequest, wanted: Wanted, problem: Problem | None = None) -> HttpResponse:
    mine = Workroom.objects.of(actor_of(request)).order_by("name")
    context = _shown(request, wanted, None) | {"owns": True, "problem": problem}
    context["budgets"] = [this_month(None), *(this_month(room) for room in mine)]
    status = problem.status if problem else 200
    return render(request, "orchestration/usage/index.html", page(request, "settings", **context), status=status)


def _shown(request: HttpRequest, wanted: Wanted, room: Workroom | None) -> dict[str, Any]:
    rows = usage(wanted, room)
    by = [name for name in DIMENSIONS if room is None or name != "room"]
    most = max((row["microcents"] or 0 for row in rows), default=0)
    budgets: list[Allowance] = [this_month(room)] if room else []
    query = f"by={wanted.by}&since={wanted.since}&until={wanted.until}"
    return {
        "wanted": wanted, "by": by, "rows": rows, "total": total(wanted, room), "most": most, "query": query,
        "budgets": budgets,
    }  # fmt: skip


def read_cents(text: str) -> int | None:
    """Return an amount in USD, as people write it, in cents; None for no text. Raises Invalid."""
    given = text.strip().removeprefix("$").replace(",", "")
    if not given:
        return None
    try:
        cents = Decimal(given) * 100
        if cents == cents.to_integral_value():
            return int(cents)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise Invalid("This is no amount.", [("cost", "expected an amount in USD such as 25 or 12.50")])


def _tokens(text: str) -> int | None:
    given = text.strip().replace(",", "")
    if given and (not given.isdecimal() or len(given) > 15):
        raise Invalid("This cap cannot be set.", [("tokens", "expected a whole number of tokens")])
    return int(given) if given else None
