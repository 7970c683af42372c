"""`manage.py import_team ROOM FILE`: a team's YAML or JSON becomes the draft of the team called like the file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Problem
from accounts.tenancy import unit_of_work
from config.named_rooms import owner_of, room_named
from orchestration.actions.teams import lint_team, save_draft
from orchestration.teams.dumping import dump
from orchestration.teams.loading import Media, Unreadable, load

MEDIA: dict[str, Media] = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}


class Command(BaseCommand):
    """Keep the file as a draft and print what the linter says."""

    help = "Imports a team from FILE.yaml or FILE.json into ORGANIZATION/ROOM as a draft called FILE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """ROOM is ORGANIZATION/ROOM."""
        parser.add_argument("room")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, room: str, file: Path, **options: Any) -> None:
        """Raise CommandError, with nothing kept, for a file that cannot be read."""
        found, media = room_named(room), MEDIA.get(file.suffix.lower())
        if media is None:
            raise CommandError(f"{file.name}: expected a name that ends in .yaml, .yml or .json.")
        try:
            text = file.read_text(encoding="utf-8-sig")
            data = load(text, media).data
        except (OSError, UnicodeDecodeError, Unreadable) as error:
            raise CommandError(f"{file.name}: {error}") from None
        try:
            with unit_of_work(found.organization):
                draft = dump(data) if media == "json" else text
                team = save_draft(found, actor=owner_of(found), slug=file.stem, text=draft)
                findings = lint_team(found, draft, team.slug)
        except Problem as problem:
            raise CommandError(problem.detail) from None
        for finding in findings:
            mend = finding.mend or f"Expected {finding.expected}."
            self.stdout.write(f"line {finding.line}: {finding.severity}: {finding.message} {mend}")
        self.stdout.write(f"{team.name} is the draft {team.slug} in {found.name}; publish it on its page.")
