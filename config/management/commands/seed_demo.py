"""`manage.py seed_demo`: the demo, whole, as often as it is called."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo.harbor import seed
from config.demo.people import OUTSIDER, PEOPLE, demo_password


class Command(BaseCommand):
    """Make what is missing of the demo and print who may sign in."""

    help = "Makes the demo: two organizations, people, a claims room with runs. Calling it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, then print the sign-ins."""
        seed()
        self.stdout.write(f"Demo sign-ins, all with the password {demo_password()}:")
        for person in (*PEOPLE, OUTSIDER):
            self.stdout.write(f"  {person.email:<28}{person.name}, {person.position}: {person.does}")
