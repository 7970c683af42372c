"""What data an act would move and where to: its label, the clearances on the way, and what a run has read so far."""

from functools import reduce

from accounts.authority.decide import Act
from accounts.authority.labels import Clearance, Destination, Label
from accounts.authority.rulebook import Flow, Kind, judge
from accounts.labelling import destination, join_label, labels_of
from accounts.ledger.record import record
from orchestration.inference.endpoints import endpoint_for
from orchestration.models import Run, Source
from orchestration.standing import agent_plan, grants_of
from orchestration.tools.context import Context, Tool
from workrooms.actions.rules import book_of
from workrooms.models import Document, Workroom
from workrooms.policies import as_uuid

KINDS: dict[str, Kind] = {"read": "read", "write": "write", "outward": "send"}
OUTSIDE = "outside"
ROOM_DEFAULT = Label("internal")


def flow_of(context: Context, tool: Tool, act: Act) -> Flow:
    """Return the facts of `act` that the rules of the room judge."""
    agent = agent_plan(context.run, context.turn.agent)
    swayable = agent.brain.kind != "procedure"
    label = _read(context, act) if tool.kind == "read" else label_of_run(context.run, context.room)
    to = None
    if tool.kind == "outward":
        to = destination("outside", act.object, act.object)
    elif tool.kind == "read" and swayable:
        to = endpoint_destination(context, agent.brain.endpoint)
    return Flow(
        kind=KINDS[tool.kind],
        tool=tool.name,
        agent=agent.name,
        person=str(context.person.id),
        resource=act.object,
        label=label,
        clearance=clearance_of(context.run, agent.name),
        purpose=context.run.version.team.slug,
        named=_is_named(context, act),
        untrusted=OUTSIDE in label.tags and not act.uses,
        swayable=swayable,
        to=to,
    )


def withheld(context: Context) -> str:
    """Return why what the run knows may not go to the endpoint that would answer, or ""; a refusal is logged.

    What a turn is shown (goal, input, earlier results) carries the label of all that the run has read.
    """
    agent = agent_plan(context.run, context.turn.agent)
    to = endpoint_destination(context, agent.brain.endpoint)
    flow = Flow(
        kind="read",
        tool="model",
        agent=agent.name,
        person=str(context.person.id),
        resource=f"endpoint:{to.name}",
        label=label_of_run(context.run, context.room),
        clearance=clearance_of(context.run, agent.name),
        purpose=context.run.version.team.slug,
        swayable=True,
        to=to,
    )
    rulings = dict(zip(("data", "room"), judge(book_of(context.room), flow), strict=True))
    refused = next((ruling for ruling in rulings.values() if ruling.outcome != "permit"), None)
    if refused is None:
        return ""
    factors = {name: {"outcome": ruling.outcome, "reason": ruling.reason, "boundary": ruling.boundary}
               for name, ruling in rulings.items()}  # fmt: skip
    payload = {"tool": "model", "object": flow.resource, "outcome": "deny", "factors": factors}
    record("authority.denied", actor=context.agent, on_behalf_of=context.person, ledger=context.room.id,
           object=flow.resource, run=context.run.root_id_or_own, turn=context.turn.id, payload=payload)  # fmt: skip
    return f"Nothing was sent to {to.name}. {refused.reason}"


def clearance_of(run: Run, agent: str) -> Clearance:
    """Return what the team clears its agent for; unsaid, it is confidential."""
    return Clearance(run.version.definition["agents"][agent].get("clearance", Clearance().level))


def endpoint_destination(context: Context, wanted: str | None) -> Destination:
    """Return what is known of the endpoint that would answer for a model brain."""
    endpoint = endpoint_for(context.room.organization_id, wanted)
    slug = endpoint.slug if endpoint else wanted or "none"
    return destination("endpoint", f"endpoint:{slug}", slug)


def room_label(room: Workroom) -> Label:
    """Return the label of a room: what nobody labelled in it has this one."""
    return labels_of([_room(room)]).get(_room(room), ROOM_DEFAULT)


def label_of_run(run: Run, room: Workroom) -> Label:
    """Return the join of the room's label and of all that the run has read."""
    held = labels_of([_run(run), _room(room)])
    return reduce(Label.join, held.values(), held.get(_room(room), ROOM_DEFAULT))


def note_read(run: Run, label: Label) -> None:
    """Add what was read to the label of the whole run."""
    if label != ROOM_DEFAULT:
        join_label(_run(run), label)


def note_written(context: Context, document: str) -> None:
    """What a run writes inherits its label."""
    label = label_of_run(context.run, context.room)
    if label != room_label(context.room):
        join_label(f"document:{document}", label)


def _read(context: Context, act: Act) -> Label:
    kind, _, identity = act.object.partition(":")
    if kind == "document":
        return _documents(context, [identity])
    if kind == "source":
        return _source(context, act)
    whole = act.tool == "documents.search"
    return _documents(context, _searched(context)) if whole else room_label(context.room)


def _searched(context: Context) -> list[str]:
    if "document:*" in context.run.scope:
        return [str(one) for one in Document.objects.filter(workroom=context.room).values_list("id", flat=True)]
    return [reference["id"] for reference in context.run.documents]


def _documents(context: Context, identities: list[str]) -> Label:
    """Return the join of the documents' labels. What nobody labelled and a person put here may be from outside."""
    stored = labels_of([*(f"document:{identity}" for identity in identities), _room(context.room)])
    base = stored.pop(_room(context.room), ROOM_DEFAULT)
    unlabelled = [as_uuid(identity) for identity in identities if f"document:{identity}" not in stored]
    known = Document.objects.filter(workroom=context.room, pk__in=[one for one in unlabelled if one])
    uploaded = known.filter(author__kind="person").exists()
    outside = Label("public", frozenset({OUTSIDE} if uploaded else ()))
    return reduce(Label.join, stored.values(), base.join(outside))


def _source(context: Context, act: Act) -> Label:
    source = Source.objects.filter(slug=act.target, workrooms=context.room).first()
    if source is None:
        return room_label(context.room)
    held = grants_of(context.run, context.turn.agent).get("sources.query")
    granted = (held.columns or {}).get(source.slug) if held else None
    open_columns = {name for name, said in source.columns.items() if not said.get("personal")}
    touched = act.columns or granted or open_columns
    stored = labels_of([act.object, _room(context.room), *(f"{act.object}/{name}" for name in touched)])
    base = stored.pop(_room(context.room), ROOM_DEFAULT)
    personal = any(source.columns.get(name, {}).get("personal") for name in touched)
    whole = reduce(Label.join, stored.values(), base)
    return whole.join(Label("public", frozenset({"personal"}))) if personal else whole


def _is_named(context: Context, act: Act) -> bool:
    if act.object.startswith("source:"):
        held = grants_of(context.run, context.turn.agent).get("sources.query")
        return bool(held and (held.columns or {}).get(act.target or ""))
    return "document:*" not in context.run.scope


def _room(room: Workroom) -> str:
    return f"workroom:{room.id}"


def _run(run: Run) -> str:
    return f"run:{run.root_id_or_own}"
