"""`rotate_agent_keys`: a new key for every agent; what old keys signed stays verifiable."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.identity import rotate_key
from accounts.models import AgentKey
from accounts.reach import all_organizations
from accounts.tenancy import unit_of_work


class Command(BaseCommand):
    help = "Gives every agent that has a key a new one, in every organization; one whose key was revoked gets none."

    def handle(self, **options: Any) -> None:
        rotated = 0
        for organization_id in all_organizations():
            with unit_of_work(organization_id):
                for key in AgentKey.objects.filter(revoked_at=None).select_related("user"):
                    rotate_key(key.user, actor=None)
                    rotated += 1
        self.stdout.write(f"{rotated} agents have a new key.")
