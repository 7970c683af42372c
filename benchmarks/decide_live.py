"""Decisions with their facts read from the database: what a real act pays, and what share of a turn that is.

python -m benchmarks.installed benchmarks.decide_live

2,000 distinct requests (100 documents × 20 people) in a room of 195 people under 30 rules. Right before every
hundredth request the person's relation is changed by the product's own action; an answer that does not follow is stale.
The time of decisions is compared with that of the turns of a dozen claims that the workers carried before.
"""

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import django

django.setup()

from accounts.authority.decide import decide  # noqa: E402  (models need Django to be set up)
from accounts.models import Membership, Organization, User  # noqa: E402
from accounts.tenancy import unit_of_work  # noqa: E402
from benchmarks.batch import furnish  # noqa: E402
from config.demo.claims_cases import CASES, hand_made  # noqa: E402
from config.demo.claims_data import generate, write_book  # noqa: E402
from config.demo.claims_papers import paper_of  # noqa: E402
from orchestration.actions.runs import start_run  # noqa: E402
from orchestration.boundaries.flows import flow_of  # noqa: E402
from orchestration.models import Run, Team, ToolCall, Turn  # noqa: E402
from orchestration.pages.foresight import imagined  # noqa: E402
from orchestration.standing import foreseen_standing  # noqa: E402
from orchestration.tools.catalogue import TOOLS  # noqa: E402
from workrooms.actions.documents import add_document  # noqa: E402
from workrooms.actions.participants import add_participant, change_relation  # noqa: E402
from workrooms.actions.rules import set_rules  # noqa: E402
from workrooms.models import Document, Workroom  # noqa: E402

PEOPLE, ASKERS, DOCUMENTS, RULES, EVERY = 194, 20, 100, 30, 100
GOAL_MS = 0.5
PATIENCE_SECONDS = 120


def crowded(bench: Organization, room: Workroom, owner: User) -> list[User]:
    """Fill the room with people, documents and rules; return those on whose behalf is asked."""
    people = [User.objects.create_user(f"p{number}@bench.example", None, name=f"P{number}") for number in range(PEOPLE)]
    with unit_of_work(bench):
        Membership.objects.bulk_create(Membership(organization=bench, user=one) for one in people)
        for one in people:
            add_participant(room, actor=owner, user=one, relation="editor")
        Document.objects.bulk_create(
            Document(organization=bench, workroom=room, name=f"d{number}.md", media_type="text/markdown", author=owner)
            for number in range(DOCUMENTS)
        )
        for slug in ("gdpr", "hipaa", "classification"):
            set_rules(slug, actor=owner, room=room)
        rule = '@reason("Not for %s.") forbid(principal, action, resource) when { context.purpose == "%s" };'
        own = "\n".join(rule % (number, number) for number in range(RULES - 19))
        set_rules("own", actor=owner, room=room, text=own)
    return people[:ASKERS]


def measure(
    bench: Organization, room: Workroom, owner: User, askers: list[User]
) -> tuple[list[float], list[float], int]:
    """Return milliseconds of every decision, of decision and facts together, and how many answers were stale."""
    tool, bare, whole, stale, number = TOOLS["documents.read"], [], [], 0, 0
    with unit_of_work(bench):
        identities = [str(one) for one in Document.objects.filter(workroom=room).values_list("id", flat=True)]
        for person in askers:
            context = imagined(Workroom.objects.get(pk=room.pk), "intake", person, "")
            expected = "permit"
            for identity in identities:
                number += 1
                if number % EVERY == 0:
                    relation = "auditor" if number % (2 * EVERY) else "editor"
                    change_relation(Workroom.objects.get(pk=room.pk), actor=owner, user=person, relation=relation)
                act = replace(tool.act(context, {"document": identity}), needs="start_run")
                expected = "deny" if number >= EVERY and (number // EVERY) % 2 else "permit"
                started = time.perf_counter()
                now = replace(context, room=Workroom.objects.select_related("organization").get(pk=room.pk))
                standing, flow = foreseen_standing(now, act), flow_of(now, tool, act)
                ready = time.perf_counter()
                decision = decide(act, standing, flow)
                bare.append((time.perf_counter() - ready) * 1000)
                whole.append((time.perf_counter() - started) * 1000)
                stale += number % EVERY == 0 and decision.factors[0].outcome != expected
    return bare, whole, stale


def turns_of(bench: Organization, room: Workroom, owner: User, team: Team) -> tuple[int, float, int]:
    """Let the workers carry claims through the team; return decisions made, milliseconds of all turns, their number."""
    with unit_of_work(bench):
        for case in CASES[:12]:
            made = paper_of(case, "md")
            document = add_document(room, actor=owner, name=made.name, content=made.content)
            start_run(room, actor=owner, team=team, goal="Settle this claim.", documents=[document])
    for _ in range(PATIENCE_SECONDS):
        time.sleep(1)
        with unit_of_work(bench):
            if not Run.objects.filter(state__in=("queued", "running")).exists():
                break
    with unit_of_work(bench):
        turns = list(Turn.objects.exclude(started_at=None).exclude(finished_at=None))
        decided = ToolCall.objects.exclude(decision=None).count()
    return decided, sum((turn.finished_at - turn.started_at).total_seconds() * 1000 for turn in turns), len(turns)


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        write_book(generate(40).joined(hand_made()), Path(place))
        bench, room, owner, team = furnish(Path(place), "")
        decided, turned, count = turns_of(bench, room, owner, team)
        askers = crowded(bench, room, owner)
        bare, whole, stale = measure(bench, room, owner, askers)
    p50 = statistics.median(bare)
    print(
        f"{len(bare):,} distinct requests, {RULES} rules, {PEOPLE + 1} people; {len(bare) // EVERY} relations changed"
    )
    for name, times in (("decide, all five factors", bare), ("with its facts from the database", whole)):
        print(f"{name:<34} p50 {statistics.median(times):.3f} ms · p99 {statistics.quantiles(times, n=100)[98]:.3f} ms")
    spent = decided * statistics.fmean(whole)
    print(
        f"stale answers {stale} · {decided} decisions with facts are {spent / turned:.1%} of the time of {count} turns"
    )
    return int(stale > 0 or p50 >= GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
