"""Teams over the API: drafts as YAML or JSON, versions that people publish."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from accounts.api import caller
from accounts.errors import Invalid
from orchestration.actions.teams import lint_team, publish_team, roll_back_team, save_draft
from orchestration.models import Team, TeamVersion
from orchestration.policies import access_team
from orchestration.runs.shapes import finding_json, team_json, version_json
from orchestration.teams.dumping import dump
from orchestration.teams.linting import has_errors
from orchestration.teams.loading import Media, Unreadable, load
from orchestration.teams.schema import TEAM
from workrooms.policies import access_workroom

router = Router(tags=["teams"])
KINDS: dict[str, Media] = {
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
    "text/plain": "yaml",
}
BODY = {"requestBody": {"required": True, "content": {"application/yaml": {}, "application/json": {}}}}


class Note(Schema):
    """What changed, in a sentence."""

    note: str = Field("", max_length=300)


class Back(Note):
    """The number of the version whose text is published again."""

    to: int = Field(ge=1, lt=2**31)


@router.get("/schemas/team.json", auth=None, summary="JSON Schema of a team")
def schema(request: HttpRequest) -> dict[str, Any]:
    """What a team's YAML or JSON may say."""
    return TEAM


@router.get("/workrooms/{room}/teams", summary="Teams of a room")
def index(request: HttpRequest, room: str) -> dict[str, Any]:
    """All of them, by name."""
    found = access_workroom(caller(request), room)
    rows = Team.objects.filter(workroom=found).select_related("published__published_by").order_by("name", "id")
    return {"items": [team_json(team) for team in rows], "next": None}


@router.post("/workrooms/{room}/teams/lint", summary="What the linter says of a text", openapi_extra=BODY)
def lint(request: HttpRequest, room: str, slug: str = "") -> dict[str, Any]:
    """The body is YAML or JSON by its Content-Type; nothing is kept. `slug` is the team it is meant for."""
    found = access_workroom(caller(request), room)
    text, media = _text(request)
    findings = lint_team(found, text, slug, media)
    return {"valid": not has_errors(findings), "findings": [finding_json(finding) for finding in findings]}


@router.get("/workrooms/{room}/teams/{team}", summary="A team, its draft and its version in force")
def show(request: HttpRequest, room: str, team: str) -> dict[str, Any]:
    """`team` is an id or slug; `definition` is the version in force as data."""
    found = access_team(caller(request), access_workroom(caller(request), room), team)
    return {**team_json(found), "definition": found.published.definition if found.published else None}


@router.put("/workrooms/{room}/teams/{team}", summary="Write a draft", openapi_extra=BODY)
def write(request: HttpRequest, room: str, team: str) -> dict[str, Any]:
    """The body is YAML or JSON by its Content-Type; the team is made if it is new. What cannot be read is refused with
    its line; other mistakes are kept, and listed in `findings`."""
    found = access_workroom(caller(request), room, "edit_team")
    text, media = _text(request)
    try:
        data = load(text, media).data
    except Unreadable as error:
        where = f"line {error.line}"
        raise Invalid(f"{where}: {error.message}", [(where, f"expected {error.expected}")]) from None
    known = Team.objects.filter(workroom=found)
    slug = next((row.slug for row in known if str(row.id) == team), team)
    draft = dump(data) if media == "json" else text
    saved = save_draft(found, actor=caller(request), slug=slug, text=draft)
    findings = lint_team(found, draft, slug)
    return {**team_json(saved), "findings": [finding_json(finding) for finding in findings]}


@router.post("/workrooms/{room}/teams/{team}/publish", response={201: dict[str, Any]}, summary="Publish the draft")
def publish(request: HttpRequest, room: str, team: str, payload: Note) -> tuple[int, dict[str, Any]]:
    """422 lists every mistake by its line; runs and approvals keep the version they began with."""
    found = access_workroom(caller(request), room, "edit_team")
    row = access_team(caller(request), found, team, "edit_team")
    return 201, version_json(publish_team(row, actor=caller(request), note=payload.note))


@router.get("/workrooms/{room}/teams/{team}/versions", summary="Published versions")
def versions(request: HttpRequest, room: str, team: str) -> dict[str, Any]:
    """The newest first, each with its text."""
    row = access_team(caller(request), access_workroom(caller(request), room), team)
    rows = TeamVersion.objects.filter(team=row, provisional=False).select_related("published_by").order_by("-number")
    return {"items": [{**version_json(version), "text": version.text} for version in rows], "next": None}


@router.post("/workrooms/{room}/teams/{team}/rollback", response={201: dict[str, Any]}, summary="Go back to a version")
def roll_back(request: HttpRequest, room: str, team: str, payload: Back) -> tuple[int, dict[str, Any]]:
    """The old text is published again, as the next version."""
    found = access_workroom(caller(request), room, "edit_team")
    row = access_team(caller(request), found, team, "edit_team")
    return 201, version_json(roll_back_team(row, actor=caller(request), to=payload.to, note=payload.note))


def _text(request: HttpRequest) -> tuple[str, Media]:
    media = KINDS.get(request.content_type or "")
    if media is None:
        expected = "expected application/yaml or application/json"
        raise Invalid("Say in which form the team is written.", [("Content-Type", expected)])
    try:
        return request.body.decode("utf-8-sig"), media
    except UnicodeDecodeError as error:
        line = request.body.count(b"\n", 0, error.start) + 1
        raise Invalid(f"line {line}: this is not UTF-8.", [(f"line {line}", "expected UTF-8 text")]) from None
