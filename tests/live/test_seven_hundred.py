"""The generator's 700 claims through the product: batch, workers, engine, authority, ledger."""

from collections import Counter
from pathlib import Path
from typing import Any

from accounts.ledger.checking import check_ledger
from accounts.models import Ledger
from accounts.tenancy import unit_of_work
from config.demo.claims_data import generate
from orchestration.actions.batches import start_batch
from orchestration.models import Approval, Run, Turn
from tests.cast import Cast
from tests.live.workers import Worker, wait_until
from tests.orchestration.claims_room import furnish
from tests.orchestration.test_claims_amounts import owed
from workrooms.models import Message, Revision

ROWS = 700
MINUTES = 10


def test_every_claim_is_settled_or_waits_for_people(cast: Cast, tmp_path: Path) -> None:
    book = generate(ROWS)
    team = furnish(cast, tmp_path, ROWS)
    with unit_of_work(cast.harbor):
        batch = start_batch(cast.room, actor=cast.bob, team=team, name="claims.csv", rows=book.claims)
    workers = [Worker("worker", "-P", "threads", "-c", "8", "-l", "ERROR") for _ in range(2)]
    beat = Worker("beat", "-s", str(tmp_path / "beat"), "-l", "ERROR")
    try:
        wait_until(lambda: all_at_rest(cast), 60 * MINUTES, "every claim is settled or waits", 1.0)
        wait_until(lambda: "running" not in tally(cast, batch.headline_id), 30, "the tally is told", 0.5)
    finally:
        for child in (*workers, beat):
            child.kill()
    with unit_of_work(cast.harbor):
        runs = list(Run.objects.filter(batch=batch))
        proposals = dict(Turn.objects.filter(agent="adjudicator").values_list("run", "output"))
        check_amounts(runs, proposals, {row["policy_number"]: row for row in book.policies})
        check_people(runs, proposals)
        check_told(cast, batch.headline_id, runs)


def all_at_rest(cast: Cast) -> bool:
    with unit_of_work(cast.harbor):
        return not Run.objects.exclude(state__in=(*Run.ENDED, Run.State.WAITING)).exists()


def tally(cast: Cast, headline: Any) -> str:
    with unit_of_work(cast.harbor):
        return str(Message.objects.get(pk=headline).html)


def check_amounts(runs: list[Run], proposals: dict[Any, Any], policies: dict[str, dict[str, str]]) -> None:
    """Every row against a formula of the test's own."""
    assert len(runs) == ROWS
    for run in runs:
        due = owed(run.input, policies[run.input["policy_number"]])
        assert proposals[run.id]["payout_cents"] == due, run.input
        if run.state == Run.State.FINISHED:
            assert run.result and run.result["due_cents"] == due


def check_people(runs: list[Run], proposals: dict[Any, Any]) -> None:
    """At least six of ten need nobody; whatever pays less than the claim waits for people."""
    states = Counter(run.state for run in runs)
    print(f"{states['finished']} of {ROWS} claims needed nobody; {states['waiting']} wait for people")
    assert set(states) <= {"finished", "waiting"}
    assert states["finished"] >= 0.6 * ROWS
    for run in runs:
        if proposals[run.id]["decision"] != "pay":
            assert run.state == Run.State.WAITING
    waiting = {run.id for run in runs if run.state == Run.State.WAITING}
    assert set(Approval.objects.filter(state="open").values_list("run", flat=True)) == waiting


def check_told(cast: Cast, headline: Any, runs: list[Run]) -> None:
    """One letter a settled claim, one entry for the whole batch, and a ledger that holds."""
    finished = sum(run.state == Run.State.FINISHED for run in runs)
    assert Revision.objects.filter(document__name__startswith="letter-").count() == finished
    assert f"{finished} settled" in Message.objects.get(pk=headline).html
    check_ledger(cast.room.id)
    ledger = Ledger.objects.get(pk=cast.room.id)
    assert (ledger.broken_at, ledger.checked_seq) == (None, ledger.seq)
