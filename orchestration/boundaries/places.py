"""Places data would flow to, and what may go there."""

from accounts.authority.labels import Clearance, Destination, Label
from accounts.authority.rulebook import Flow, Ruling, judge
from accounts.clearances import limited_people
from accounts.labelling import destination
from orchestration.boundaries.reading import Fits
from orchestration.inference.endpoints import endpoint_for
from orchestration.models import Run
from orchestration.standing import agent_plan
from orchestration.tools.context import Context
from workrooms.actions.rules import book_of


def clearance_of(run: Run, agent: str) -> Clearance:
    """Return what the team clears its agent for; unsaid, it is confidential."""
    return Clearance(run.version.definition["agents"][agent].get("clearance", Clearance().level))


def endpoint_destination(context: Context, wanted: str | None) -> Destination:
    """Return what is known of the endpoint that would answer for a model brain."""
    endpoint = endpoint_for(context.room.organization_id, wanted)
    slug = endpoint.slug if endpoint else wanted or "none"
    return destination("endpoint", f"endpoint:{slug}", slug)


def answering(context: Context) -> Destination:
    """Return the endpoint that answers for the agent of a turn."""
    return endpoint_destination(context, agent_plan(context.run, context.turn.agent).brain.endpoint)


def showing(context: Context, to: Destination, label: Label) -> Flow:
    """Return the flow of showing data with this label to the endpoint that answers for the turn's agent."""
    agent = context.turn.agent
    return Flow(
        kind="read",
        tool="model",
        agent=agent,
        person=str(context.person.id),
        resource=f"{to.kind}:{to.name}",
        label=label,
        clearance=clearance_of(context.run, agent),
        sees=limited_people(context.room).get(context.person.pk),
        purpose=context.run.version.team.slug,
        swayable=True,
        to=to,
    )


def rulings(context: Context, to: Destination, label: Label) -> dict[str, Ruling]:
    """Return what the house (`data`) and the room say of showing data with this label there."""
    return dict(zip(("data", "room"), judge(book_of(context.room), showing(context, to, label)), strict=True))


def fitting(context: Context, to: Destination) -> Fits:
    """Return what tells whether data with a label may be shown there without a question."""
    known: dict[Label, bool] = {}

    def fits(label: Label) -> bool:
        if label not in known:
            known[label] = all(ruling.outcome == "permit" for ruling in rulings(context, to, label).values())
        return known[label]

    return fits
