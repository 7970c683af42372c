"""HOW: teams, runs, turns, patterns, limits, models, data."""

from django.apps import AppConfig


class OrchestrationApp(AppConfig):
    """Listens to posted messages: one may start a run or answer one."""

    name = "orchestration"

    def ready(self) -> None:
        from orchestration import receivers  # noqa: F401
        from orchestration.actions import erasing  # noqa: F401
