"""How runs begin: what the task may touch is settled at the start and copied to child runs."""

from collections.abc import Iterable
from typing import Any

from accounts.authority.scope import narrowed
from accounts.errors import Conflict
from accounts.ledger.record import record
from orchestration.limits.budgets import OverLimit
from orchestration.models import Run, Source, Target, Team, TeamVersion, Turn
from orchestration.standing import plan_of
from orchestration.teams.plan import MemberPlan, TeamPlan
from orchestration.tools.past import origins_of
from orchestration.turns import heal_time
from workrooms.models import Workroom

INHERITED = (
    "organization_id",
    "workroom_id",
    "requester_id",
    "goal",
    "subject",
    "documents",
    "scope",
    "thread_id",
    "pretends",
)


def task_scope(
    room: Workroom, version: TeamVersion, documents: Iterable[dict[str, Any]], whole_room: bool
) -> list[str]:
    """Return the ledger names of all that a task may touch: its documents (or the room's), the sources its agents
    were granted, the room's target, and the room to write into."""
    granted = {
        tool.partition(":")[2].partition("(")[0]
        for agent in version.definition["agents"].values()
        for tool in agent.get("tools", [])
        if tool.startswith("sources.query")
    }
    sources = Source.objects.usable_in(room)
    named = sources if "" in granted else sources.filter(slug__in=granted)
    return [
        f"workroom:{room.id}",
        *(["document:*"] if whole_room else [f"document:{reference['id']}" for reference in documents]),
        *(f"source:{source_id}" for source_id in named.values_list("id", flat=True)),
        *(f"target:{target_id}" for target_id in Target.objects.filter(workroom=room).values_list("id", flat=True)),
    ]


def published_version(room: Workroom, slug: str) -> TeamVersion:
    """Return the version in force of the room's team `slug`; raises Conflict when there is none."""
    team: Team | None = Team.objects.filter(workroom=room, slug=slug).select_related("published").first()
    if team is None or team.published is None:
        raise Conflict(f"The team {slug} has no published version in {room.name}.")
    return team.published


def start_child(run: Run, turn: Turn, place: MemberPlan) -> Run:
    """Begin the run of a nested team; its finish is the result of `turn`. Raises OverLimit beyond the depth."""
    child = Run(**{name: getattr(run, name) for name in INHERITED}, parent=turn, root_id=run.root_id_or_own)
    child.version, child.under, child.path, child.input = run.version, run.under, place.key, turn.input
    child.heal_at = heal_time()
    if place.kind == "team":
        child.version, child.under, child.path = _version_under(run, place.name), place.key, ""
        own = task_scope(run.workroom, child.version, run.documents, "document:*" in run.scope)
        child.scope = narrowed(run.scope, own)
        _refuse_circle(run, child)
    limits = plan_of(run).limits
    if len(_around(run)) >= limits.depth:
        raise OverLimit(f"The limit of {limits.depth} nested teams is reached.")
    child.save(force_insert=True)
    turn.state = Turn.State.CLAIMED
    turn.save(update_fields=["state"])
    payload = {"team": place.name, "parent": str(run.id), "version": str(child.version_id)}
    record("run.started", actor=None, on_behalf_of=run.requester, ledger=run.workroom_id,
           object=f"run:{child.id}", run=run.root_id_or_own, turn=turn.id, payload=payload)  # fmt: skip
    return child


def _version_under(run: Run, slug: str) -> TeamVersion:
    """The version in force of another team; of a run that pretends, the one that was made for it."""
    version = published_version(run.workroom, slug)
    if not run.root_or_own.pretends:
        return version
    notes = [str(root) for root in (run.root_id_or_own, *origins_of(run))]
    made = TeamVersion.objects.filter(team=version.team_id, provisional=True, note__in=notes)
    return made.order_by("-created_at").first() or version


def _around(run: Run) -> list[Run]:
    """Return `run` and the runs it is nested in, the outermost first."""
    runs = [run]
    while runs[0].parent is not None:
        runs.insert(0, runs[0].parent.run)
    return runs


def _refuse_circle(run: Run, child: Run) -> None:
    """The linter refuses circles at publication; a version that came later can still close one."""
    teams = [one.version.team for one in _around(run)]
    if child.version.team in teams:
        way = [team.slug for team in teams[teams.index(child.version.team) :]]
        names = [slug for number, slug in enumerate(way) if number == 0 or slug != way[number - 1]]
        raise OverLimit(f"The teams lead in a circle: {' → '.join([*names, child.version.team.slug])}.")


def summarised(plan: TeamPlan) -> dict[str, Any]:
    """Return the caps a run begins with, for its event."""
    limits = plan.limits
    return {"turns": limits.turns, "seconds": limits.seconds, "tokens": limits.tokens, "cost_cents": limits.cost_cents}
