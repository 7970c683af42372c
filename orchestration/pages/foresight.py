"""What an agent could do for a person in a room, before anything runs: decided as for a real act, changing nothing."""

from dataclasses import dataclass
from typing import Any

from accounts.authority.decide import Decision, decide
from accounts.errors import Invalid, NotFound
from accounts.models import User
from orchestration.access.reading import paths_in
from orchestration.boundaries.flows import flow_of
from orchestration.brains.assignment import ToolDenied, ToolFailed
from orchestration.contracts import validate
from orchestration.models import Agent, Run, Source, Team, Turn
from orchestration.policies import relation_of
from orchestration.standing import foreseen_standing, grants_of
from orchestration.starting import task_scope
from orchestration.tools.catalogue import TOOLS
from orchestration.tools.context import Context
from workrooms.models import Workroom


@dataclass(frozen=True, slots=True)
class Cell:
    """One use of a tool by one agent, decided for one person. `path` is how the person's right comes about."""

    agent: str
    tool: str
    resource: str
    decision: Decision
    path: str


def explain(room: Workroom, *, agent: str, person: User, tool: str, resource: str = "", goal: str = "") -> Decision:
    """Decide whether `agent` might use `tool` on `resource` (a document, a source, a name) for `person`.

    Raises NotFound for an unknown agent, Invalid for an unknown tool or a resource it cannot be used on.
    """
    if tool not in TOOLS:
        raise Invalid(f"There is no tool {tool}.", [("action", f"expected one of {', '.join(sorted(TOOLS))}")])
    return _decided(imagined(room, agent, person, goal), tool, resource)


def matrix(room: Workroom, person: User) -> list[Cell]:
    """Return what every agent of the room could do for `person`, tool by tool and source by source."""
    relation = relation_of(person, room)
    given = paths_in(room, person)
    path = f"{person.name} is {relation} of {room.name}" if relation else f"{person.name} is not in {room.name}"
    path = f"{path}, {given[relation]}" if relation in given else path
    sources = {row.slug: given[name] for row in Source.objects.all() if (name := f"source:{row.id}") in given}
    cells: list[Cell] = []
    for agent in Agent.objects.filter(workroom=room).order_by("name").values_list("name", flat=True):
        try:
            context = imagined(room, agent, person, "")
        except NotFound:
            continue
        for tool in sorted(grants_of(context.run, agent)):
            resources = _resources(context, tool)
            for each in resources:
                lent = f"; the source is {sources[each]}" if tool == "sources.query" and each in sources else ""
                cells.append(Cell(agent, tool, each, _decided(context, tool, each), f"{path}{lent}"))
    return cells


def imagined(room: Workroom, agent: str, person: User, goal: str) -> Context:
    """A run that is never kept: of the team in force that has the agent, free to use all documents of the room."""
    kept = Agent.objects.select_related("user").filter(workroom=room, name=agent).first()
    teams = Team.objects.filter(workroom=room).exclude(published=None).select_related("published").order_by("slug")
    version = next((team.published for team in teams if agent in team.published.definition["agents"]), None)
    if kept is None or version is None:
        raise NotFound(f"No team in force in {room.name} has an agent {agent}.")
    scope = task_scope(room, version, [], whole_room=True)
    run = Run(
        organization_id=room.organization_id, workroom=room, version=version, requester=person, goal=goal, scope=scope
    )
    turn = Turn(organization_id=room.organization_id, run=run, agent=agent, user=kept.user)
    return Context(run, turn, room, kept.user, person)


def _decided(context: Context, name: str, resource: str) -> Decision:
    tool, arguments = TOOLS[name], _arguments(name, resource)
    if mistakes := validate(tool.parameters, arguments):
        raise Invalid(f"{name} cannot be used on {resource!r}.", [("resource", mistake) for mistake in mistakes])
    try:
        act = tool.act(context, arguments)
    except (ToolDenied, ToolFailed) as refusal:
        raise Invalid(str(refusal), [("resource", str(refusal))]) from refusal
    return decide(act, foreseen_standing(context, act), flow_of(context, tool, act))


def _arguments(tool: str, resource: str) -> dict[str, Any]:
    """Return the least that a use of the tool on `resource` would say."""
    identity = resource.partition(":")[2] if resource.startswith(("document:", "source:")) else resource
    said: dict[str, dict[str, Any]] = {
        "documents.read": {"document": identity},
        "documents.write": {"name": identity, "text": "…"},
        "sources.query": {"source": identity},
        "webhook.send": {"body": {}},
    }
    return said.get(tool, {"query": identity or "anything"})


def _resources(context: Context, tool: str) -> list[str]:
    """Return what to try a tool on: each source the agent was granted, for other tools anything of the room."""
    if tool == "sources.query":
        granted = grants_of(context.run, context.turn.agent)[tool].targets
        sources = Source.objects.usable_in(context.room).order_by("slug").values_list("slug", flat=True)
        return [slug for slug in sources if granted is None or slug in granted]
    if tool == "documents.read":
        return list(context.room.documents.order_by("name").values_list("name", flat=True)[:20])
    if tool == "webhook.send":
        return ["the room's target"] if any(name.startswith("target:") for name in context.run.scope) else []
    return ["any text"]
