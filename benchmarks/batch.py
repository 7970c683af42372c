"""A file of claims through the whole product: every turn permitted, recorded and committed, by real workers.

python -m benchmarks.installed benchmarks.batch [FOLDER with auto_policies.csv and auto_claims.csv] [ROWS]
"""

import csv
import os
import sys
import time
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402  (models need Django to be set up)

from accounts.actions.organizations import create_organization  # noqa: E402
from accounts.models import Event, Organization, User  # noqa: E402
from accounts.tenancy import unit_of_work  # noqa: E402
from config.demo.claims_columns import PERSONAL_COLUMNS  # noqa: E402
from config.demo.claims_data import generate, write_book  # noqa: E402
from orchestration.actions.batches import start_batch  # noqa: E402
from orchestration.actions.means import set_source  # noqa: E402
from orchestration.actions.teams import publish_team, save_draft  # noqa: E402
from orchestration.models import Run, Team, Turn  # noqa: E402
from orchestration.teams.gallery import gallery  # noqa: E402
from workrooms.actions.rooms import create_workroom  # noqa: E402
from workrooms.models import Workroom  # noqa: E402

PATIENCE_SECONDS = 1800


def furnish(folder: Path, prefix: str) -> tuple[Organization, Workroom, User, Team]:
    """Make an organization with a claims room over the folder's files and the published team."""
    owner = User.objects.create_user("owner@bench.example", None, name="Olga")
    bench = create_organization(owner=owner, name="Bench", slug="bench")
    personal = {name: {"personal": True} for name in PERSONAL_COLUMNS}
    with unit_of_work(bench):
        room = create_workroom(bench, actor=owner, name="Auto claims", slug="auto-claims")
        for slug, columns in (("policies", personal), ("claims", {})):
            place = str(folder / f"{prefix}{slug}.csv")
            set_source(actor=owner, slug=slug, location=place, columns=columns, rooms=[room])
        draft = save_draft(room, actor=owner, slug="auto-claims", text=gallery()["auto-claims"])
        publish_team(draft, actor=owner, note="As it comes")
        return bench, room, owner, Team.objects.select_related("published").get(pk=draft.pk)


def wait_for_rest(bench: Organization, rows: int) -> None:
    """Return when every run has ended or waits for a person."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with unit_of_work(bench):
            resting = Run.objects.filter(parent=None, state__in=[*Run.ENDED, Run.State.WAITING]).count()
        if resting == rows:
            return
        if time.monotonic() > until:
            raise SystemExit(f"only {resting} of {rows} runs came to rest in {PATIENCE_SECONDS} s")
        time.sleep(0.25)


def main(folder: Path, limit: int | None) -> None:
    """Start one run a row and print how they ended and how fast."""
    prefix = "auto_" if (folder / "auto_claims.csv").exists() else ""
    with (folder / f"{prefix}claims.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:limit]
    bench, room, owner, team = furnish(folder, prefix)
    started = time.perf_counter()
    with unit_of_work(bench):
        start_batch(room, actor=owner, team=team, name="bench", rows=rows)
    begun = time.perf_counter() - started
    wait_for_rest(bench, len(rows))
    seconds = time.perf_counter() - started
    with unit_of_work(bench):
        states = {state: Run.objects.filter(parent=None, state=state).count() for state in Run.State.values}
        turns, events = Turn.objects.count(), Event.objects.count()
    print(f"{'rows':<28}{len(rows):>9,}   started in {begun:.1f} s")
    for state, count in states.items():
        if count:
            print(f"{state:<28}{count:>9,}{count / len(rows):>10.1%}")
    print(f"{'turns':<28}{turns:>9,}{turns / seconds:>10.0f}/s")
    print(f"{'events in the ledgers':<28}{events:>9,}{events / seconds:>10.0f}/s")
    print(f"{'all at rest after':<28}{seconds:>9.1f} s, {len(rows) / seconds:.1f} rows/s, {os.cpu_count()} workers")


if __name__ == "__main__":
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else None
    if len(sys.argv) > 1 and sys.argv[1]:
        main(Path(sys.argv[1]), wanted)
    else:
        made = settings.WORKROOM_HOME / "book"
        write_book(generate(), made)
        main(made, wanted)
