"""Teams that a pretending team leads to: each in a version that was made for that run."""

from collections.abc import Callable

from accounts.models import User
from orchestration.intervening.changes import provisional_version
from orchestration.models import Run, Team
from orchestration.teams.places import slugs_named
from orchestration.trials.standing_in import Definition


def make_versions_under(
    run: Run, definition: Definition, change: Callable[[Definition], Definition], actor: User
) -> None:
    """For each team of the room that `definition` names, directly or not, make the changed version that `run` takes."""
    waiting, made = [definition], set[str]()
    while waiting:
        for _, slug in slugs_named(waiting.pop()):
            rows = Team.objects.filter(workroom=run.workroom_id, slug=slug).select_related("published")
            team: Team | None = rows.exclude(published=None).first()
            if team is None or team.published is None or slug in made:
                continue
            made.add(slug)
            waiting.append(team.published.definition)
            changed = change(team.published.definition)
            provisional_version(team, changed, actor, team.published, note=str(run.id))
