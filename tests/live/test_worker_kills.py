"""`kill -9` of the worker while turns are claimed: no outcome changes, nothing is done twice, nothing is lost."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings

from accounts.ledger.checking import check_ledger
from accounts.models import Event, Ledger
from accounts.tenancy import unit_of_work
from config.demo.claims_data import generate
from orchestration.actions.approvals import decide_approval
from orchestration.actions.means import set_target
from orchestration.actions.runs import start_run
from orchestration.engine import work
from orchestration.models import Approval, Run, ToolCall, Turn
from tests.cast import Cast
from tests.live.workers import ROOT, Worker, running, wait_until
from tests.orchestration.claims_office import Office, exceptions_of, settle
from tests.orchestration.claims_room import furnish
from workrooms.models import Revision

ROWS = 120
LEASE_SECONDS = 3
KILLS = 3
AT_LEAST = 4


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address and the record of a receiver process that nobody kills."""
    file = tmp_path / "received.jsonl"
    command = [sys.executable, "-u", "-m", "tests.live.receiver", "0", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip(), file
    process.kill()
    process.wait()


def test_three_kills_change_nothing(cast: Cast, tmp_path: Path, receiver: tuple[str, Path], settings: Settings) -> None:
    url, record = receiver
    place = url.split("/")[2]
    settings.WORKROOM_TRUSTED_HOSTS = [place]
    team = furnish(cast, tmp_path, ROWS)
    rows = generate(ROWS).claims
    with unit_of_work(cast.harbor):
        set_target(cast.room, actor=cast.alice, url=url)
    with running(WORKROOM_TRUSTED_HOSTS=place, WORKROOM_TURN_LEASE_SECONDS=str(LEASE_SECONDS)) as worker:
        with unit_of_work(cast.harbor):
            for row in rows:
                start_run(cast.room, actor=cast.bob, team=team, goal="Settle.", input=row, subject=row["policy_number"])
        for _ in range(KILLS):
            kill_while_working(worker)
        wait_until(lambda: at_rest(cast), 120, "every run finished or waits")
    answer_for_people(cast, record)
    check_outcomes(cast, rows, tmp_path)
    check_nothing_twice(cast, record)


def kill_while_working(worker: Worker) -> None:
    """Kill the worker at a moment when it, and not one killed before, holds at least four turns."""
    claimed = "SELECT count(*) FROM orchestration_turn WHERE state = 'claimed' AND user_id IS NOT NULL"
    fresh = f"{claimed} AND lease_until > %s + make_interval(secs => {LEASE_SECONDS})"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:

        def held() -> int:
            return owner.execute(fresh, [worker.started]).fetchone()[0]  # type: ignore[index, no-any-return]

        wait_until(lambda: held() >= AT_LEAST, 60, "four turns claimed", 0.001)
        worker.kill()
        assert held() >= AT_LEAST
    worker.restart()


def at_rest(cast: Cast) -> bool:
    with unit_of_work(cast.harbor):
        resting = (*Run.ENDED, Run.State.WAITING)
        return not Run.objects.exclude(state__in=resting).exists()


def answer_for_people(cast: Cast, record: Path) -> None:
    """Do what a person does about calls whose outcome is unknown: look at the receiver, and say."""
    while questions := troubles(cast):
        for approval in questions:
            arrived = approval.action["act"] == "retry" or key_of(cast, approval) in received(record)
            with unit_of_work(cast.harbor):
                decision = "approve" if arrived else "reject"
                decide_approval(approval, actor=cast.pat, decision=decision, digest=approval.digest, reason="Looked.")
            work(cast.harbor.id, approval.run_id)


def troubles(cast: Cast) -> list[Approval]:
    with unit_of_work(cast.harbor):
        waiting = Approval.objects.filter(state="open", action__act__in=["confirm", "retry"])
        return list(waiting.select_related("run", "turn"))


def key_of(cast: Cast, approval: Approval) -> str:
    with unit_of_work(cast.harbor):
        call = ToolCall.objects.get(pk=approval.action["call"])
    return f"{call.turn_id}:{call.response}:{call.position}"


def received(record: Path) -> list[str]:
    return [json.loads(line)["key"] for line in record.read_text().splitlines()] if record.exists() else []


def check_outcomes(cast: Cast, rows: list[dict[str, str]], folder: Path) -> None:
    with unit_of_work(cast.harbor):
        found = {run.subject: run for run in Run.objects.filter(parent=None)}
        attempts = Counter(Turn.objects.exclude(user=None).values_list("attempt", flat=True))
    assert len(found) == ROWS
    assert sum(number for attempt, number in attempts.items() if attempt >= 2) >= KILLS
    for row in rows:
        run, expected = found[row["policy_number"]], settle(Office(folder), row)["adjudicator"]
        asked = bool(exceptions_of("adjudicator", expected))
        assert run.state == ("waiting" if asked else "finished"), run.reason
        if not asked:
            assert run.result["paid_cents"] == expected["payout_cents"]


def check_nothing_twice(cast: Cast, record: Path) -> None:
    keys = received(record)
    with unit_of_work(cast.harbor):
        finished = Run.objects.filter(parent=None, state="finished").count()
        letters = Revision.objects.filter(document__name__startswith="letter-").count()
        members = Counter(Turn.objects.values_list("run", "member"))
        approvals = Counter(Approval.objects.filter(action__act="accept").values_list("turn", flat=True))
        told = list(Event.objects.filter(kind="turn.finished").values_list("turn", flat=True))
    with unit_of_work(cast.harbor):
        check_ledger(cast.room.id)
        ledger = Ledger.objects.get(pk=cast.room.id)
    assert letters == finished
    assert len(keys) == len(set(keys)) == finished
    assert set(members.values()) == {1}
    assert set(approvals.values()) == {1}
    assert len(told) == len(set(told))
    assert (ledger.broken_at, ledger.checked_seq > 0) == (None, True)
