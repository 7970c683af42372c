"""Many runs at once against one budget and one rated endpoint, carried by two processes of real workers."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from accounts.tenancy import unit_of_work
from orchestration.actions.allowances import set_allowance
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.models import Allowance, ModelResponse, Run
from tests.cast import Cast
from tests.live.scripted_openai import Reply, ScriptedOpenAI
from tests.live.workers import Worker, running, wait_until
from tests.orchestration.claims_room import published
from tests.orchestration.model_room import TEAM

RUNS, RATE, BURST, CALLS, CAP_CENTS = 32, 20, 1, 3, 60
USAGE = (300, 4_000)
CALL_MICROCENTS = 300 * 100 + 4_000 * 200


def reply(body: dict[str, Any]) -> Reply:
    """Two searches with different words, then the answer: three calls a run."""
    done = sum(message["role"] == "tool" for message in body["messages"])
    if done < CALLS - 1:
        return Reply(calls=(("documents_search", {"query": f"claim {done}"}),), usage=USAGE)
    return Reply(calls=(("final_answer", {"summary": "Three.", "count": 3}),), usage=USAGE)


@pytest.fixture
def model(settings: Settings) -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI(reply) as server:
        settings.WORKROOM_TRUSTED_HOSTS = [server.place]
        yield server


@dataclass
class Sampler:
    """Reads what is spent and reserved, over a connection of its own, until it is told to stop."""

    organization: Any
    samples: list[tuple[int, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Sample the organization's and the room's allowance together."""
        query = "SELECT max(microcents + microcents_reserved), max(microcents_excused) FROM orchestration_allowance"
        with psycopg.connect(os.environ["DATABASE_APP_URL"], autocommit=True) as connection:
            connection.execute("SELECT set_config('workroom.organization', %s, false)", [str(self.organization)])
            while not self.over.wait(0.01):
                row = connection.execute(query).fetchone()
                if row and row[0] is not None:
                    self.samples.append((int(row[0]), int(row[1])))


def fullest_second(moments: list[float]) -> int:
    """The most calls that arrived in any one second."""
    ordered = sorted(moments)
    return max(sum(first <= other < first + 1 for other in ordered[at:]) for at, first in enumerate(ordered))


def started(cast: Cast, model: ScriptedOpenAI) -> list[Run]:
    with unit_of_work(cast.harbor):
        set_endpoint(
            actor=cast.alice, slug="scripted", url=model.url, model="m", key="k", price="1/2", rate=RATE, burst=BURST
        )
        set_allowance(cast.room, actor=cast.alice, cost_cents=CAP_CENTS)
        team = published(cast, "helper", TEAM % ("stop", 500))
        return [start_run(cast.room, actor=cast.bob, team=team, goal=f"Count {number}.") for number in range(RUNS)]


def ended(cast: Cast) -> bool:
    with unit_of_work(cast.harbor):
        return not Run.objects.exclude(state__in=Run.ENDED).exists()


def test_many_runs_keep_one_budget_and_one_rate(cast: Cast, model: ScriptedOpenAI) -> None:
    sampler = Sampler(cast.harbor.id)
    sampling = threading.Thread(target=sampler.run)
    begun = time.monotonic()
    with running(WORKROOM_TRUSTED_HOSTS=model.place):
        second = Worker("worker", "-P", "threads", "-c", "16", "-l", "ERROR", WORKROOM_TRUSTED_HOSTS=model.place)
        try:
            sampling.start()
            started(cast, model)
            wait_until(lambda: ended(cast), 150, "every run has ended")
        finally:
            second.kill()
            sampler.over.set()
            sampling.join()
    seconds = time.monotonic() - begun
    with unit_of_work(cast.harbor):
        states = Counter(Run.objects.values_list("state", flat=True))
        reasons = set(Run.objects.filter(state="stopped").values_list("reason", flat=True))
        room = Allowance.objects.get(workroom=cast.room)
        responses = ModelResponse.objects.count()
    arrived = [seen.at for seen in model.requests]
    cap, most = room.microcents_cap or 0, max(used for used, _ in sampler.samples)
    print(f"\n{RUNS} runs, 2 worker processes of 16 threads, one endpoint of {RATE} calls/s, {CAP_CENTS} cents a month")
    print(f"calls                       {len(arrived)} in {max(arrived) - min(arrived):.1f} s, {seconds:.0f} s in all")
    print(f"fullest second              {fullest_second(arrived)} calls; may be {RATE}, and {BURST} at once")
    print(f"spent + reserved, at most   {most / cap:.1%} of the cap, in {len(sampler.samples)} samples")
    print(f"spent at the end            {room.microcents / cap:.1%} of the cap")
    print(f"runs                        {json.dumps(states)}; {'; '.join(sorted(reasons))}")
    assert states["finished"] + states["stopped"] == RUNS and states["finished"] and states["stopped"]
    assert all(reason.startswith("limit: The limit of $0.60 of Auto claims this month") for reason in reasons)
    assert len(sampler.samples) > 50
    assert most <= cap and not any(excused for _, excused in sampler.samples)
    assert (room.microcents, room.microcents_reserved) == (responses * CALL_MICROCENTS, 0)
    assert cap - room.microcents < 1_000_000, "what was left would not have paid for another call"
    assert responses == len(arrived)
    assert fullest_second(arrived) <= RATE + BURST
