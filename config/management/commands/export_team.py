"""`manage.py export_team ROOM TEAM`: the YAML of a team's version in force, or of its draft."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.tenancy import unit_of_work
from config.named_rooms import room_named
from orchestration.models import Team


class Command(BaseCommand):
    """Print the YAML."""

    help = "Prints the YAML of a team: the version in force, or the draft where none is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """ROOM is ORGANIZATION/ROOM."""
        parser.add_argument("room")
        parser.add_argument("team")

    def handle(self, *args: Any, room: str, team: str, **options: Any) -> None:
        """Raise CommandError for an unknown team."""
        found = room_named(room)
        with unit_of_work(found.organization):
            rows = Team.objects.filter(workroom=found).select_related("published")
            row = rows.filter(slug=team).first()
            if row is None:
                known = ", ".join(rows.order_by("slug").values_list("slug", flat=True)) or "none"
                raise CommandError(f"{found.name} has no team {team!r}; its teams: {known}.")
        self.stdout.write(row.published.text if row.published else row.draft, ending="")
