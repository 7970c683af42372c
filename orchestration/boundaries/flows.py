"""What data an act would move and where to: its label, and the clearances on the way."""

from dataclasses import replace

from accounts.authority.decide import Act
from accounts.authority.labels import Label
from accounts.authority.rulebook import Flow, Kind, judge
from accounts.clearances import limited_people
from accounts.labelling import destination
from orchestration.boundaries.egress import allowed_hosts
from orchestration.boundaries.held import label_of_run, note_read, room_label
from orchestration.boundaries.mask import redaction_of
from orchestration.boundaries.places import clearance_of, endpoint_destination, fitting
from orchestration.boundaries.reading import OUTSIDE, Reading, reading_of
from orchestration.standing import agent_plan, grants_of
from orchestration.teams.marks import marks_of
from orchestration.teams.plan import AgentPlan
from orchestration.tools.context import Context, Tool
from orchestration.tools.outbound import is_allowed
from workrooms.actions.rules import book_of

KINDS: dict[str, Kind] = {"read": "read", "write": "write", "outward": "send"}


def flow_of(context: Context, tool: Tool, act: Act) -> Flow:
    """Return the facts of `act` that the rules of the room judge.

    What a model would read, and its endpoint may not get whole, is judged as what is left of it after redaction.
    """
    agent = agent_plan(context.run, context.turn.agent)
    reading = reading_of(context, act) if tool.kind == "read" else None
    label = reading.whole if reading else label_of_run(context.run, context.room)
    flow = Flow(
        kind=KINDS[tool.kind],
        tool=tool.name,
        agent=agent.name,
        person=str(context.person.id),
        resource=act.object,
        label=label,
        clearance=clearance_of(context.run, agent.name),
        sees=limited_people(context.room).get(context.person.pk),
        purpose=context.run.version.team.slug,
        named=_is_named(context, act),
        untrusted=OUTSIDE in label.tags and not act.uses,
        swayable=_is_swayable(agent),
    )
    if tool.kind == "outward":
        reachable = is_allowed(act.place, allowed_hosts(context.room))
        return replace(flow, to=destination("outside", act.object, act.object), reachable=reachable)
    if reading is not None and flow.swayable:
        return _before_endpoint(context, flow, reading, agent)
    return flow


def note_reading(context: Context, flow: Flow) -> None:
    """Add what was read to the label of the run.

    What code read and its contract marks field by field can be taken out of its answer later; what a model has seen
    can be anywhere in what it says.
    """
    if flow.label is None:
        return
    if flow.carries is not None:
        note_read(context.run, flow.carries, flow.leaves)
        return
    agent = agent_plan(context.run, context.turn.agent)
    marked = not flow.swayable and _is_marked(agent, flow.label, room_label(context.room))
    note_read(context.run, flow.label, room_label(context.room) if marked else None)


def _before_endpoint(context: Context, flow: Flow, reading: Reading, agent: AgentPlan) -> Flow:
    to = endpoint_destination(context, agent.brain.endpoint)
    whole = replace(flow, to=to)
    if not _is_refused(context, whole) or _is_refused(context, flow):
        return whole
    redaction, fits = redaction_of(context.room), fitting(context, to)
    rest = replace(
        whole,
        label=reading.rest(redaction, fits),
        carries=reading.whole,
        leaves=reading.unredacted(redaction, fits),
    )
    return whole if _is_refused(context, rest) else rest


def _is_refused(context: Context, flow: Flow) -> bool:
    return any(ruling.outcome == "deny" for ruling in judge(book_of(context.room), flow))


def _is_marked(agent: AgentPlan, label: Label, base: Label) -> bool:
    """True when a mark of the agent's contract says at least as much as `label`."""
    marks = (base.join(mark) for mark in marks_of(agent.output_schema).values())
    return any(mark.join(label) == mark for mark in marks)


def _is_swayable(agent: AgentPlan) -> bool:
    return agent.brain.kind != "procedure"


def _is_named(context: Context, act: Act) -> bool:
    if act.object.startswith("source:"):
        held = grants_of(context.run, context.turn.agent).get("sources.query")
        return bool(held and (held.columns or {}).get(act.target or ""))
    return "document:*" not in context.run.scope
