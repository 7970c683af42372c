"""The installation itself: commands that start, seed and look after it."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """Holds the management commands of the installation."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from celery.signals import heartbeat_sent

        from config.health import give_sign

        heartbeat_sent.connect(give_sign)
