"""A team as its page shows it: the draft, what the linter says of it, its picture, its agents, its versions."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.relations import permissions_of
from orchestration.actions.teams import lint_team
from orchestration.failures.scorecard import scorecard
from orchestration.models import Run, Team, TeamVersion
from orchestration.pages.agent_cards import agent_cards
from orchestration.teams.gallery import gallery
from orchestration.teams.linting import Finding
from orchestration.teams.loading import Unreadable, load
from orchestration.teams.patterning import CHOICES, not_in_use
from orchestration.teams.shape import draw
from orchestration.teams.telling import tell
from workrooms.models import Workroom


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as a team: what is wrong with it, and its data where it can be read ({} where not)."""

    findings: list[Finding]
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many findings keep it from being published."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def picture(self) -> str:
        """The upright picture, "" for what is no team."""
        return draw(self.data, upright=True) if self.data else ""


def read_draft(team: Team) -> Draft:
    """Read the draft of `team`, however wrong it is."""
    findings = lint_team(team.workroom, team.draft, team.slug)
    try:
        return Draft(findings, load(team.draft).data)
    except Unreadable:
        return Draft(findings)


def draft_context(team: Team) -> dict[str, Any]:
    """Return what is renewed with every change of the draft."""
    draft = read_draft(team)
    last = (
        TeamVersion.objects.filter(team=team, provisional=False)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return {
        "team": team,
        "findings": draft.findings,
        "errors": draft.errors,
        "picture": draft.picture,
        "pattern": draft.data.get("pattern"),
        "next_number": (last or 0) + 1,
        "changed": team.published is None or team.published.text != team.draft,
        "agents": agent_cards(team, draft.data, draft.findings),
        "patterns": CHOICES,
        "not_in_use": not_in_use(team.draft),
        "own_page": f"teams/{team.slug}/",
    }


def page_context(team: Team, viewer: User) -> dict[str, Any]:
    """Return what the page of `team` reads for `viewer`."""
    going_on = Run.objects.filter(version=team.published, parent=None).exclude(state__in=Run.ENDED)
    return {
        **draft_context(team),
        "versions": TeamVersion.objects.filter(team=team, provisional=False)
        .select_related("published_by")
        .order_by("-number"),
        "scores": scorecard(team),
        "uses": going_on.count() if team.published else 0,
        "may_edit": "edit_team" in permissions_of(viewer, team.workroom),
        "rooms": [room for room in _other_rooms(team, viewer) if "edit_team" in permissions_of(viewer, room)],
    }


def _other_rooms(team: Team, viewer: User) -> list[Workroom]:
    rooms = Workroom.objects.of(viewer).filter(state=Workroom.State.ACTIVE).order_by("name")
    return list(rooms.exclude(pk=team.workroom_id))


def teams_of(room: Workroom) -> list[dict[str, Any]]:
    """Return the teams of a room as the list shows them."""
    found = []
    for team in Team.objects.filter(workroom=room).select_related("published", "workroom").order_by("name"):
        draft = read_draft(team)
        number = len(draft.data.get("agents") or {}) if isinstance(draft.data.get("agents"), dict) else 0
        found.append({"team": team, "agents": number, "picture": draft.picture, "findings": draft.errors})
    return found


def gallery_shown() -> list[dict[str, str]]:
    """Return the teams that come with the product: slug, name and who works when."""
    loaded = {slug: load(text).data for slug, text in gallery().items()}
    return [{"slug": slug, "name": data["name"], "about": tell(data)} for slug, data in loaded.items()]
