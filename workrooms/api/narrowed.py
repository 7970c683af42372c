"""The door for narrowed tokens: what each call needs, and for a service whether the authority lets it, now.

A call that is not named here is not for narrowed tokens at all: nothing that decides, governs, exports or reaches
beyond a room is.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest

from accounts.authority.decide import Act, Decision, Granted, Standing, decide
from accounts.authority.labels import Label
from accounts.authority.rulebook import Flow, Kind
from accounts.authority.task import Task
from accounts.bearers import clearance_of_service, place_of_service
from accounts.bounds import VERBS, Bound, current_bound, in_words, note_decision
from accounts.clearances import limited_people
from accounts.errors import Forbidden, NotFound, Problem
from accounts.labelling import labels_of
from accounts.ledger.record import record
from accounts.models import Service
from accounts.relations import held_in
from workrooms.actions.rules import book_of
from workrooms.models import Workroom

ROOM = "/workrooms/{room}"
CALLS: Mapping[str, frozenset[str]] = {
    "GET /me": frozenset(),
    f"GET {ROOM}": frozenset(),
    f"GET {ROOM}/messages": frozenset({"messages.read"}),
    f"POST {ROOM}/messages": frozenset({"messages.post"}),
    f"GET {ROOM}/documents": frozenset({"documents.read"}),
    f"GET {ROOM}/documents/{{document}}": frozenset({"documents.read"}),
    f"GET {ROOM}/documents/{{document}}/content": frozenset({"documents.read"}),
    f"POST {ROOM}/documents": frozenset({"documents.write"}),
    f"POST {ROOM}/documents/{{document}}/revisions": frozenset({"documents.write"}),
    f"GET {ROOM}/search": frozenset({"messages.read", "documents.read"}),
    f"GET {ROOM}/runs": frozenset({"runs.read"}),
    f"POST {ROOM}/runs": frozenset({"runs.start"}),
    "GET /runs/{run}": frozenset({"runs.read"}),
    "GET /runs/{run}/turns": frozenset({"runs.read"}),
}
KINDS: Mapping[str, Kind] = {"messages.post": "write", "documents.write": "write", "runs.start": "write"}
OBJECTS = {kind: f"There is no such {kind} in a room of yours." for kind in ("document", "run")}
MISSING = "There is nothing here, or it is not yours to see."
UNLABELLED = Label("internal")


def check_call(request: HttpRequest) -> None:
    """Refuse a call that the caller's token does not reach. Raises Forbidden, and NotFound where nothing may be told.

    What a service is refused is logged as a decision of the authority, in the room it is about.
    """
    bound = current_bound()
    if bound is None:
        return
    call = call_of(request)
    needs = CALLS.get(call)
    if needs is None:
        raise Forbidden(f"A token with a scope cannot make this call: {call}.")
    if bound.service is None:
        if missing := needs - bound.verbs:
            raise Forbidden(f"This token does not let its bearer {in_words(sorted(missing))}.")
        return
    room = Workroom.objects.filter(pk=bound.room).first() if bound.room else None
    if room is None:
        raise NotFound(MISSING)
    given = request.resolver_match.kwargs if request.resolver_match else {}
    object = next((f"{kind}:{given[kind]}" for kind in OBJECTS if kind in given), f"workroom:{room.id}")
    for verb in sorted(needs):
        _let(bound, room, verb, object)


def call_of(request: HttpRequest) -> str:
    """Return `METHOD /path` with the names of its parts, as the API's description has it."""
    route = request.resolver_match.route if request.resolver_match else ""
    return f"{request.method} /{route.removeprefix('api/v1/').replace('<', '{').replace('>', '}')}"


def decide_call(bound: Bound, room: Workroom, verb: str, object: str) -> Decision:
    """Decide one use of `verb` on `object` by the service that `bound` names: the person as they may now, the service
    and the task as consented, the data and the room by their rules."""
    service = Service.objects.select_related("user").get(user=bound.service)
    kinds = {f"{verb.partition('.')[0].removesuffix('s')}:*" for verb in bound.verbs}
    granted = Granted(targets=frozenset({str(bound.room)}))
    standing = Standing(
        permissions=held_in(room, bound.person),
        grants=dict.fromkeys(bound.verbs, granted),
        objects=frozenset({f"workroom:{bound.room}", *kinds}),
        task=Task(""),
        book=book_of(room),
        enrolled=service.revoked_at is None,
        who="service",
    )
    act = Act(verb, object, VERBS[verb].permission, target=str(room.id))
    return decide(act, standing, _flow(bound, room, service, verb, object))


def _flow(bound: Bound, room: Workroom, service: Service, verb: str, object: str) -> Flow:
    """What a service reads flows to its place; what it writes comes from outside and is the room's."""
    stored = labels_of([object, f"workroom:{room.id}"])
    base = stored.get(f"workroom:{room.id}", UNLABELLED)
    kind = KINDS.get(verb, "read")
    return Flow(
        kind=kind,
        tool=verb,
        agent=service.slug,
        person=str(bound.person.id),
        resource=object,
        label=base.join(stored.get(object, base)) if kind == "read" else base,
        clearance=clearance_of_service(service),
        sees=limited_people(room).get(bound.person.pk),
        purpose=service.slug,
        named=False,
        swayable=service.kind == Service.Kind.AGENT,
        to=place_of_service(service) if kind == "read" else None,
    )


def _let(bound: Bound, room: Workroom, verb: str, object: str) -> None:
    decision = decide_call(bound, room, verb, object)
    if decision.outcome == "permit":
        note_decision(decision.id)
        return
    problem = _refusal(decision, bound, room, object)
    payload = {"tool": verb, "object": object, "reason": decision.reason, **decision.as_payload()}
    problem.boundary = decision.deciding.boundary
    problem.afterwards = partial(
        record, "authority.denied", actor=bound.service, on_behalf_of=bound.person, ledger=room.id, object=object,
        decision=decision.id, payload=payload,
    )  # fmt: skip
    raise problem


def _refusal(decision: Decision, bound: Bound, room: Workroom, object: str) -> Problem:
    """What exists is not told: neither a room that the person has left, nor what in a room is kept from a service. It
    is refused in the words of the door behind this one."""
    factor = decision.deciding
    hidden = factor.name in ("data", "room") and object != f"workroom:{room.id}"
    if hidden or "view" not in held_in(room, bound.person):
        return NotFound(OBJECTS.get(object.partition(":")[0], MISSING))
    extra: dict[str, Any] = {"decision": str(decision.id), "factor": factor.name}
    return Forbidden(factor.reason, **extra)
