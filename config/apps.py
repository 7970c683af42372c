"""The installation itself: commands that start, seed and look after it."""

from django.apps import AppConfig


class ConfigApp(AppConfig):
    """Holds the management commands of the installation."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from celery.signals import heartbeat_sent
        from django.db.backends.signals import connection_created

        from config.heartbeat import give_sign
        from config.logs import write_json_lines
        from config.restricted_role import refuse_unbound_role

        write_json_lines()
        heartbeat_sent.connect(give_sign)
        connection_created.connect(refuse_unbound_role)
