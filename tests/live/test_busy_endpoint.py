"""An endpoint that never answers holds up its own runs and nobody else's."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from config.demo.claims_data import generate
from orchestration.actions.runs import start_run
from orchestration.models import Run
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.live.workers import running, wait_until
from tests.orchestration.claims_room import furnish
from tests.orchestration.model_room import begin_helper
from workrooms.actions.participants import add_participant
from workrooms.actions.rooms import create_workroom

HANGING = 8


@pytest.fixture
def silent(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(lambda _: Reply(hang="silent")) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


def seconds_of_one_claim(cast: Cast, folder: Path) -> float:
    """Start an offline claim and wait for its end, as its requester would."""
    with unit_of_work(cast.harbor):
        team = cast.room.teams.get(slug="auto-claims")
        row = generate(40).claims[0]
        started = time.monotonic()
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Settle.", input=row)

    def rests() -> bool:
        with unit_of_work(cast.harbor):
            return Run.objects.get(pk=run.pk).state in (*Run.ENDED, Run.State.WAITING)

    wait_until(rests, 60, "the claim is settled or waits", 0.02)
    return time.monotonic() - started


def test_another_room_is_not_delayed(cast: Cast, tmp_path: Path, silent: ScriptedOpenAI) -> None:
    furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        elsewhere = create_workroom(cast.harbor, actor=cast.alice, name="Elsewhere", slug="elsewhere")
        add_participant(elsewhere, actor=cast.alice, user=cast.bob, relation="editor")
    with running(WORKROOM_TRUSTED_HOSTS=silent.place):
        seconds_of_one_claim(cast, tmp_path)
        alone = min(seconds_of_one_claim(cast, tmp_path) for _ in range(3))
        hanging = [begin_helper(replace(cast, room=elsewhere), silent).pk for _ in range(HANGING)]
        silent.wait_for_requests(HANGING, 60)
        beside = min(seconds_of_one_claim(cast, tmp_path) for _ in range(3))
        with unit_of_work(cast.harbor):
            states = set(Run.objects.filter(pk__in=hanging).values_list("state", flat=True))
    print(f"one claim alone {alone:.2f} s, beside {HANGING} runs on a silent endpoint {beside:.2f} s")
    assert states == {"running"}, "the claims ended while every one of the silent calls was still open"
