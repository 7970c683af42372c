"""Writing teams: a draft that may be wrong, and versions that may not."""

from typing import Any

from django.db.models import Max
from django.utils.text import slugify

from accounts.errors import Conflict, Invalid, NotFound
from accounts.ledger.record import record
from accounts.models import User
from accounts.relations import grant
from orchestration.actions.second_person import agreed_by_two
from orchestration.inference.endpoints import endpoint_for
from orchestration.models import Agent, Endpoint, Source, Team, TeamVersion
from orchestration.procedures import PROCEDURES
from orchestration.sources.files import SourceFile, header
from orchestration.sources.problems import SourceProblem
from orchestration.teams.linting import Finding, has_errors, lint
from orchestration.teams.loading import Loaded, Media, Unreadable, load
from orchestration.teams.plan import AgentPlan, plan
from orchestration.tools.catalogue import TOOLS
from workrooms.models import Participant, Workroom

LONGEST_TEXT, LONGEST_SLUG = 200_000, 60


def lint_team(room: Workroom, text: str, slug: str, media: Media = "yaml") -> list[Finding]:
    """Return what the linter says of `text` as team `slug` of `room`."""
    others = Team.objects.filter(workroom=room).exclude(slug=slug).exclude(published=None)
    return lint(
        text,
        tools=TOOLS.keys(),
        procedures=PROCEDURES.keys(),
        endpoints=[*Endpoint.objects.values_list("slug", flat=True), "installation"],
        sources={source.slug: _columns(source) for source in Source.objects.usable_in(room)},
        teams={team.slug: team.published.definition for team in others.select_related("published")},
        slug=slug,
        media=media,
    )


def _columns(source: Source) -> tuple[str, ...]:
    try:
        return header(SourceFile(source.location, source.format, source.columns))
    except SourceProblem:
        return ()


def save_draft(room: Workroom, *, actor: User, slug: str, text: str, media: Media = "yaml") -> Team:
    """Keep `text` as the draft of team `slug`, made if it is new. A draft may be invalid, but must be readable text."""
    if not slug or slugify(slug) != slug or len(slug) > LONGEST_SLUG:
        expected = f"expected 1 to {LONGEST_SLUG} lower-case letters, digits and hyphens"
        raise Invalid(f"No team can be called {slug[:80]!r}.", [("slug", expected)])
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise Invalid("A team is at most 200,000 characters of text without NUL.", [("text", "cannot be kept")])
    team: Team
    team, made = Team.objects.get_or_create(
        workroom=room, slug=slug, defaults={"organization_id": room.organization_id, "name": slug, "draft": text}
    )
    team.draft, team.name = text, _name(text, media) or team.name
    team.save(update_fields=["draft", "name", "updated_at"])
    kind = "team.created" if made else "team.drafted"
    record(kind, actor=actor, ledger=room.id, object=f"team:{team.id}", payload={"slug": slug, "name": team.name})
    return team


def _name(text: str, media: Media) -> str:
    try:
        data = load(text, media).data
    except Unreadable:
        return ""
    return str(data.get("name", ""))[:120] if isinstance(data, dict) else ""


def publish_team(team: Team, *, actor: User, note: str = "") -> TeamVersion:
    """Publish the draft as the next version; raises Invalid, with every mistake by line, when the linter refuses it.

    What loosens the version in force is published by someone else than its author (Conflict, Forbidden).
    """
    return _publish(team, actor, team.draft, note, "team.published")


def roll_back_team(team: Team, *, actor: User, to: int, note: str = "") -> TeamVersion:
    """Publish the text of version `to` again, as the next version, and make it the draft."""
    old: TeamVersion | None = TeamVersion.objects.filter(team=team, number=to, provisional=False).first()
    if old is None:
        raise NotFound(f"{team.name} has no version {to}.", [("to", "expected the number of a version")])
    if team.published_id == old.id:
        raise Conflict(f"Version {to} is the one in force.")
    version = _publish(team, actor, old.text, note or f"Back to v{to}", "team.rolled_back")
    team.draft = old.text
    team.save(update_fields=["draft"])
    return version


def copy_team(team: Team, room: Workroom, *, actor: User) -> Team:
    """Copy the team's published text (or its draft) into `room` as a draft under the same slug."""
    if Team.objects.filter(workroom=room, slug=team.slug).exists():
        raise Conflict(f"{room.name} has a team {team.slug} already.")
    return save_draft(room, actor=actor, slug=team.slug, text=team.published.text if team.published else team.draft)


def _publish(team: Team, actor: User, text: str, note: str, kind: str) -> TeamVersion:
    row = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    findings = lint_team(team.workroom, text, team.slug)
    if has_errors(findings):
        errors = [
            (f"line {finding.line}: {finding.path}", f"{finding.message} Expected {finding.expected}.")
            for finding in findings
            if finding.severity == "error"
        ]
        raise Invalid("This team cannot be published yet.", errors)
    loaded: Loaded = load(text, "yaml")
    looser = agreed_by_two(team, loaded.data, actor=actor, rolled_back=kind == "team.rolled_back")
    number = (TeamVersion.objects.filter(team=row, provisional=False).aggregate(last=Max("number"))["last"] or 0) + 1
    version: TeamVersion = TeamVersion.objects.create(
        organization_id=row.organization_id,
        team=row,
        number=number,
        text=text,
        definition=loaded.data,
        note=note[:300],
        published_by=actor,
    )
    team.published, team.name = version, str(loaded.data["name"])[:120]
    team.save(update_fields=["published", "name", "updated_at"])
    bring_agents(team, loaded.data, actor)
    payload = {"slug": team.slug, "version": number, "note": note[:300], "loosened": looser}
    record(kind, actor=actor, ledger=team.workroom_id, object=f"team:{team.id}", payload=payload)
    return version


def bring_agents(team: Team, definition: dict[str, Any], actor: User, *, only_new: bool = False) -> None:
    """Make the agents of a team participants of its room; the same name is the same agent.

    `only_new` leaves those who are there as they are: what is only tried or rehearsed renames nobody.
    """
    for agent in plan(definition).agents.values():
        brain, role = brain_label(team, agent), agent.role[:200]
        known = Agent.objects.filter(workroom=team.workroom, name=agent.name)
        if known.exists() if only_new else known.update(role=role, brain=brain):
            continue
        user = User.objects.create_agent(agent.name.replace("_", " ").capitalize())
        Agent.objects.create(
            organization_id=team.organization_id, workroom=team.workroom, user=user, name=agent.name, role=role,
            brain=brain,
        )  # fmt: skip
        Participant.objects.create(
            organization_id=team.organization_id,
            workroom=team.workroom,
            user=user,
            relation=Participant.Relation.AGENT,
        )
        grant(actor, user, "agent", team.workroom)


def brain_label(team: Team, agent: AgentPlan) -> str:
    """Return the words that stand for an agent's brain: `procedure`, or `model` and its name."""
    if agent.brain.kind == "procedure":
        return "procedure"
    endpoint = endpoint_for(team.organization_id, agent.brain.endpoint)
    return f"model {endpoint.model}" if endpoint else "model (none set up)"
