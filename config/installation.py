"""What belongs to one installation: its generated secrets, and who may migrate its database."""

import os
import secrets
from pathlib import Path

from django.db.models import Model


def installation_secret(home: Path, name: str) -> str:
    """Return the secret `name` kept in `home`, made once with mode 0600; safe when several processes start together."""
    path = home / name
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = home / f".{name}.{os.getpid()}"
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


class OwnerMigrates:
    """Sends migrations to the owner's connection and everything else to the application's."""

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: object) -> bool:
        return db == "owner"

    def allow_relation(self, first: Model, second: Model, **hints: object) -> bool:
        return True
