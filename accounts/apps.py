"""WHO: organizations, people, agents' identities, what each may do and what each did."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsApp(AppConfig):
    """Lets the application's database role use the tables after each migration, and closes the functions it calls."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import signals  # noqa: F401
        from accounts.row_security import close_functions, grant_application_role

        post_migrate.connect(grant_application_role, sender=self)
        post_migrate.connect(close_functions, sender=self)
