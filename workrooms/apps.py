"""WHERE: rooms, participants, timeline, documents."""

from django.apps import AppConfig


class WorkroomsApp(AppConfig):
    """Rooms and what happens in them."""

    name = "workrooms"

    def ready(self) -> None:
        from workrooms import receivers  # noqa: F401
