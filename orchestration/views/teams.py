"""Pages of teams: the list, the editor, versions, copies."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import Conflict, Invalid, NotFound, Problem
from accounts.relations import permissions_of
from orchestration.actions.teams import copy_team, publish_team, roll_back_team, save_draft
from orchestration.models import Team, TeamVersion
from orchestration.pages.team import draft_context, gallery_shown, page_context, teams_of
from orchestration.patterns import PATTERNS
from orchestration.policies import access_team
from orchestration.teams.diffing import compare as compared
from orchestration.teams.gallery import gallery
from orchestration.teams.loading import Unreadable
from orchestration.teams.patterning import choose_pattern
from workrooms.entries import room_path
from workrooms.models import Workroom
from workrooms.policies import access_workroom
from workrooms.shell import actor_of, room_page
from workrooms.views.rooms import number_in


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, organization: str, room: str) -> HttpResponse:
    """List the room's teams; POST makes a draft from one that comes with the product."""
    found = access_workroom(request.user, room, "edit_team" if request.method == "POST" else "view")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            team = _begun(request, found)
            return redirect(f"{room_path(found)}teams/{team.slug}/")
        except Problem as refusal:
            problem = refusal
    context = room_page(request, found, "teams", "Teams", teams=teams_of(found), gallery=gallery_shown())
    context["problem"] = problem
    return render(request, "orchestration/team/index.html", context, status=problem.status if problem else 200)


def _begun(request: HttpRequest, room: Workroom) -> Team:
    texts, chosen, slug = gallery(), request.POST.get("from", ""), request.POST.get("slug", "").strip()
    if chosen not in texts:
        raise Invalid("There is no such team to begin with.", [("from", f"expected one of {', '.join(texts)}")])
    if Team.objects.filter(workroom=room, slug=slug).exists():
        raise Conflict(f"{room.name} has a team {slug} already.", [("slug", "taken")])
    return save_draft(room, actor=actor_of(request), slug=slug, text=texts[chosen])


@require_GET
def show(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Show a team: the draft in an editor, what the linter says, its picture, its versions."""
    found = access_workroom(request.user, room)
    return team_shown(request, found, access_team(request.user, found, slug))


def team_shown(request: HttpRequest, room: Workroom, team: Team, problem: Problem | None = None) -> HttpResponse:
    """Return the page of a team, with what was refused."""
    context = room_page(request, room, "teams", team.name, up=f"{room_path(room)}teams/", problem=problem)
    context |= {**page_context(team, actor_of(request)), "text": team.draft}
    return render(request, "orchestration/team/show.html", context, status=problem.status if problem else 200)


@require_POST
def draft(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Keep the text of the editor as the draft, and answer with what the linter says of it."""
    found = access_workroom(request.user, room, "edit_team")
    team, text = access_team(request.user, found, slug, "edit_team"), request.POST.get("text", "")
    text = text.replace("\r\n", "\n")
    if text != team.draft:
        team = save_draft(found, actor=actor_of(request), slug=team.slug, text=text)
    if not request.headers.get("HX-Request"):
        return redirect(f"{room_path(found)}teams/{team.slug}/")
    context = {"here": room_path(found), "oob": True, **draft_context(team), **_may(request, found)}
    return render(request, "orchestration/team/_checked.html", context)


@require_POST
def pattern(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Write another pattern into the text of the editor, keep it as the draft, and answer with the editor."""
    found = access_workroom(request.user, room, "edit_team")
    team, chosen = access_team(request.user, found, slug, "edit_team"), request.POST.get("pattern", "")
    text = request.POST.get("text", team.draft).replace("\r\n", "\n")
    problem: Problem | None = None
    try:
        team = save_draft(found, actor=actor_of(request), slug=team.slug, text=_with_pattern(text, chosen))
    except Problem as refusal:
        problem = refusal
    if not request.headers.get("HX-Request"):
        return team_shown(request, found, team, problem) if problem else redirect(f"{room_path(found)}teams/{slug}/")
    context = {"here": room_path(found), "oob": True, **draft_context(team), **_may(request, found), "problem": problem}
    context["text"] = text if problem else team.draft
    return render(request, "orchestration/team/_editing.html", context)


def _with_pattern(text: str, chosen: str) -> str:
    if chosen not in PATTERNS:
        raise Invalid("There is no such pattern.", [("pattern", f"expected one of {', '.join(PATTERNS)}")])
    try:
        return choose_pattern(text, chosen)
    except Unreadable as unreadable:
        line = (f"line {unreadable.line}", f"{unreadable.message} Expected {unreadable.expected}.")
        raise Invalid("The pattern cannot be written into this text: mend it first.", [line]) from unreadable


def _may(request: HttpRequest, room: Workroom) -> dict[str, object]:
    permissions = permissions_of(actor_of(request), room)
    return {"permissions": permissions, "may_edit": "edit_team" in permissions}


@require_POST
def publish(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Publish the draft as the next version, or show every mistake by its line."""
    found = access_workroom(request.user, room, "edit_team")
    team = access_team(request.user, found, slug, "edit_team")
    try:
        publish_team(team, actor=actor_of(request), note=request.POST.get("note", "").strip())
    except Problem as problem:
        return team_shown(request, found, team, problem)
    return redirect(f"{room_path(found)}teams/{team.slug}/")


@require_GET
def compare(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Show what changed from version `?from=` to version `?to=`, the draft when none is said."""
    found = access_workroom(request.user, room)
    team = access_team(request.user, found, slug)
    older, number = _version(team, number_in(request, "from")), number_in(request, "to")
    newer = _version(team, number) if number else None
    last = TeamVersion.objects.filter(team=team, provisional=False).order_by("-number").first()
    context = room_page(request, found, "teams", team.name, up=f"{room_path(found)}teams/{slug}/", team=team)
    context |= {
        "older": f"v{older.number}",
        "newer": f"v{newer.number}" if newer else "draft",
        "rows": compared(older.text, newer.text if newer else team.draft),
        "back_to": newer.number if newer and newer.id != team.published_id else None,
        "next_number": (last.number if last else 0) + 1,
        "may_edit": "edit_team" in context["permissions"],
    }
    return render(request, "orchestration/team/compare.html", context)


def _version(team: Team, number: int | None) -> TeamVersion:
    rows = TeamVersion.objects.filter(team=team, provisional=False)
    found: TeamVersion | None = rows.filter(number=number).first() if number else team.published
    if found is None:
        raise NotFound(f"{team.name} has no version {number or ''}.".replace(" .", "."))
    return found


@require_POST
def roll_back(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Publish the text of an older version again."""
    found = access_workroom(request.user, room, "edit_team")
    team, to = access_team(request.user, found, slug, "edit_team"), request.POST.get("to", "")
    if not (to.isascii() and to.isdecimal() and len(to) < 9):
        raise Invalid("Say which version.", [("to", "expected the number of a version")])
    roll_back_team(team, actor=actor_of(request), to=int(to), note=request.POST.get("note", "").strip())
    return redirect(f"{room_path(found)}teams/{team.slug}/")


@require_POST
def copy(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Copy the team into another room of the viewer's, as a draft."""
    found = access_workroom(request.user, room)
    team = access_team(request.user, found, slug)
    target = access_workroom(request.user, request.POST.get("room", ""), "edit_team")
    try:
        copied = copy_team(team, target, actor=actor_of(request))
    except Problem as problem:
        return team_shown(request, found, team, problem)
    return redirect(f"{room_path(target)}teams/{copied.slug}/")


@require_GET
def export(request: HttpRequest, organization: str, room: str, slug: str) -> HttpResponse:
    """Hand out the YAML: the draft, or version `?version=`."""
    found = access_workroom(request.user, room)
    team, number = access_team(request.user, found, slug), number_in(request, "version")
    text = _version(team, number).text if number else team.draft
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{team.slug}.yaml"'
    return response
