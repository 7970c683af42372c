"""The installation itself: commands that start, seed and look after it."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """Holds the management commands of the installation."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from config import health  # noqa: F401  (workers give signs of life)
