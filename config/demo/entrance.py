"""Coming into the demo with a button, on this computer only."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.middleware import own_units
from accounts.models import User
from accounts.reach import organization_named
from accounts.tenancy import unit_of_work
from config.demo.first_steps import HARBOR, ROOM
from config.demo.harbor import FINISHED
from config.demo.people import PEOPLE, DemoPerson
from orchestration.models import Run
from orchestration.runs.list import rows_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def is_open() -> bool:
    """Whether only this computer can reach the installation, by its own account and its public address."""
    return settings.HOST in LOOPBACK and (urlsplit(settings.PUBLIC_URL).hostname or "") in LOOPBACK


@own_units
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people."""
    wanted = request.POST.get("as", "")
    user = User.objects.filter(email=wanted, is_active=True).first() if _is_demo(wanted) else None
    if user is None:
        raise Http404
    login(request, user, BACKEND)
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")


def _is_demo(email: str) -> bool:
    return is_open() and email in [person.email for person in PEOPLE]


def demo(request: HttpRequest) -> dict[str, Any]:
    """Context of the sign-in page: `demo` with its people, falsy where buttons are not offered."""
    return {"demo": SimpleLazyObject(_card)}


def _card() -> dict[str, Any]:
    known = set(User.objects.filter(email__in=[person.email for person in PEOPLE]).values_list("email", flat=True))
    here: list[DemoPerson] = [person for person in PEOPLE if person.email in known] if is_open() else []
    if not here:
        return {}
    people = [{"email": one.email, "name": one.name, "is": one.position, "does": one.does} for one in here]
    return {"organization": {"name": "Harbor Mutual"}, "people": people, **_claims(here[0])}


def _claims(person: DemoPerson) -> dict[str, Any]:
    """What the first steps name: a claim that is settled, and one that waits; None where there is none."""
    harbor = organization_named(HARBOR, User.objects.get(email=person.email))
    if harbor is None:
        return {}
    with unit_of_work(harbor):
        runs = Run.objects.filter(workroom__slug=ROOM, parent=None).order_by("number")
        finished = runs.filter(state=Run.State.FINISHED, subject=FINISHED).first()
        waiting = runs.filter(state=Run.State.WAITING).first()
        rows = {row.run.id: row for row in rows_of([run for run in (finished, waiting) if run])}
    named = {"finished": rows.get(finished and finished.id), "waiting": rows.get(waiting and waiting.id)}
    return {name: {"claim": row.subject, "amount_cents": row.amount_cents} for name, row in named.items() if row}
