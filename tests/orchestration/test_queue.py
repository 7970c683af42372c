"""Hints to workers: they name tasks there are, and a broker that is away undoes nothing."""

from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from accounts.tenancy import unit_of_work
from orchestration import queue
from orchestration.models import Run
from tests.cast import Cast
from tests.orchestration.claims_room import begin, furnish, paper


def test_every_hint_names_a_task() -> None:
    current_app.loader.import_default_modules()
    named = {value for name, value in vars(queue).items() if name.isupper()}
    assert len(named) == 4 and named <= set(current_app.tasks)


def test_a_run_begins_although_the_broker_is_away(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def away(task: str, *arguments: Any, **options: Any) -> None:
        asked.append(task)
        raise OperationalError("the broker is away")

    monkeypatch.setattr(current_app, "send_task", away)
    team = furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, 0))
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.pk).heal_at is not None
    assert asked == ["orchestration.tasks.advance_run"]
    assert "the broker is away" in caplog.text
