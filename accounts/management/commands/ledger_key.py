"""`ledger_key [ORGANIZATION]`: the public key that audit exports are verified with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.ledger.signing import public_pem
from accounts.models import Organization, SigningKey
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work


class Command(BaseCommand):
    help = "Prints the public key of an organization (its slug; the oldest when not said) in PEM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", nargs="?", help="slug of the organization")

    def handle(self, *, organization: str | None, **options: Any) -> None:
        slugs = []
        for organization_id in all_organizations():
            with unit_of_work(organization_id):
                slugs.append(Organization.objects.get(pk=organization_id).slug)
                if organization in (None, slugs[-1]):
                    key = SigningKey.objects.latest("created_at")
                    self.stderr.write(f"Key {key.key_id} of {slugs[-1]}")
                    self.stdout.write(public_pem(bytes(key.public)), ending="")
                    return
        known = f"There are: {', '.join(slugs)}." if slugs else "There is none yet."
        raise CommandError(f"No organization {organization or ''} to print the key of. {known}")
