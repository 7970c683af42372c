"""`manage.py create_token EMAIL`: a bearer token for a program, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.tokens import create_token
from accounts.errors import Problem
from accounts.models import Organization, User
from accounts.reach import organizations_of
from accounts.tenancy import unit_of_work


class Command(BaseCommand):
    """Make a token in the person's first organization and print it."""

    help = "Prints a bearer token for the API, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """EMAIL, --name, --days."""
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--days", type=int)

    def handle(self, *args: Any, email: str, name: str, days: int | None, **options: Any) -> None:
        """Make and print it."""
        user = User.objects.filter(email=email.strip().lower()).first()
        organizations = organizations_of(user) if user else []
        if user is None or not organizations:
            raise CommandError(f"Nobody with the address {email!r} belongs to an organization.")
        try:
            with unit_of_work(organizations[0]):
                organization = Organization.objects.get(pk=organizations[0])
                _, secret = create_token(organization, actor=user, name=name, days=days)
        except Problem as problem:
            raise CommandError(problem.detail) from None
        self.stdout.write(secret)
