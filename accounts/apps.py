"""WHO: organizations, people, agents' identities, what each may do and what each did."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsApp(AppConfig):
    """Lets the application's database role use the tables after each migration."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import signals  # noqa: F401
        from accounts.row_security import grant_application_role

        post_migrate.connect(grant_application_role, sender=self)
