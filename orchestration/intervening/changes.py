"""What a run that is begun from another's turn does otherwise: another agent, another model, another revision.

A changed team is a provisional version: of one run, never published. It may not loosen what is in force.
"""

from copy import deepcopy
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from accounts.errors import Conflict, Invalid
from accounts.models import User
from orchestration.inference.endpoints import endpoint_for
from orchestration.models import Run, Team, TeamVersion
from orchestration.teams.dumping import dump
from orchestration.teams.loosening import loosened
from workrooms.models import Revision

OF_THE_OTHER = ("role", "brain", "instructions")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed; empty is nothing. `agents`: member's agent → who answers in its place, `models`: agent →
    "endpoint" or "endpoint:model", `documents`: id → revision, `output`: fields of the last answer taken over."""

    goal: str = ""
    agents: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    documents: dict[UUID, int] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what is changed, for the run and its event."""
        return {
            name: {str(key): one for key, one in value.items()} if isinstance(value, dict) else value
            for name, value in asdict(self).items()
            if value
        }


def version_for(origin: Run, changes: Changes, actor: User) -> TeamVersion:
    """Return the version that a run begun from `origin` has: its own, or a provisional one with the changes.

    Raises Invalid for an agent or model that is not there, Conflict where it would loosen the version in force.
    """
    version = origin.version
    definition = _changed(origin, changes)
    in_force = version.team.published
    looser = loosened(in_force.definition, definition) if in_force is not None else []
    if looser:
        told = " ".join(looser)
        raise Conflict(f"The team in force is stricter than this run would be. {told}", [("after_turn", told)])
    return (
        version if definition == version.definition else provisional_version(version.team, definition, actor, version)
    )


def provisional_version(
    team: Team, definition: dict[str, Any], actor: User, based_on: TeamVersion | None, note: str = "For one run"
) -> TeamVersion:
    """Keep a definition that is not published, for the runs that are begun with it."""
    version: TeamVersion = TeamVersion.objects.create(
        organization_id=team.organization_id,
        team=team,
        number=based_on.number if based_on else 0,
        text=dump(definition),
        definition=definition,
        note=note,
        provisional=True,
        published_by=actor,
    )
    return version


def _changed(origin: Run, changes: Changes) -> dict[str, Any]:
    definition: dict[str, Any] = deepcopy(origin.version.definition)
    agents = definition["agents"]
    for name, other in changes.agents.items():
        _known(agents, "agents", name)
        _known(origin.version.definition["agents"], f"agents.{name}", other)
        taken = {key: value for key, value in origin.version.definition["agents"][other].items() if key in OF_THE_OTHER}
        agents[name] = {**{key: value for key, value in agents[name].items() if key not in OF_THE_OTHER}, **taken}
    for name, model in changes.models.items():
        _known(agents, "models", name)
        before = agents[name]["brain"].get("model", {})
        agents[name]["brain"] = {"model": {**before, "endpoint": _endpoint(origin, name, model)}}
    return definition


def _known(agents: dict[str, Any], path: str, name: str) -> None:
    if name not in agents:
        raise Invalid(f"The team has no agent {name!r}.", [(path, f"expected one of {', '.join(agents)}")])


def _endpoint(origin: Run, name: str, model: str) -> str:
    slug, _, wanted = model.partition(":")
    found = endpoint_for(origin.organization_id, slug)
    if not slug or found is None:
        raise Invalid(f"There is no endpoint {slug!r}.", [(f"models.{name}", "expected endpoint or endpoint:model")])
    if wanted and wanted != found.model:
        raise Invalid(
            f"The endpoint {slug} serves {found.model}.", [(f"models.{name}", f"expected {slug}:{found.model}")]
        )
    return slug


def documents_for(origin: Run, changes: Changes) -> list[dict[str, Any]]:
    """Return the documents of a run begun from `origin`, at the revisions that are wanted. Raises Invalid."""
    known = {reference["id"] for reference in origin.documents}
    for identity, number in changes.documents.items():
        if str(identity) not in known:
            raise Invalid(
                f"Run {origin.number} does not work on this document.", [(f"documents.{identity}", "unknown")]
            )
        if not Revision.objects.filter(document=identity, document__workroom=origin.workroom, number=number).exists():
            raise Invalid(f"There is no revision {number} of it.", [(f"documents.{identity}", "no such revision")])
    wanted = {str(identity): number for identity, number in changes.documents.items()}
    return [
        {**reference, "revision": wanted.get(reference["id"], reference["revision"])} for reference in origin.documents
    ]
