"""Our side of the case: real runs in a real room, carried by the engine as a worker carries them."""

import json
import threading
import time
from collections.abc import Sequence
from uuid import UUID

import django

django.setup()

from accounts.actions.organizations import create_organization  # noqa: E402  (models need Django to be set up)
from accounts.models import Organization, User  # noqa: E402
from accounts.tenancy import unit_of_work  # noqa: E402
from benchmarks.turns.measuring import Carry, measure, warming  # noqa: E402
from benchmarks.turns.shapes import TURNS, asked, tell  # noqa: E402
from orchestration.actions.runs import start_run  # noqa: E402
from orchestration.actions.teams import publish_team, save_draft  # noqa: E402
from orchestration.brains.assignment import Assignment, Tools  # noqa: E402
from orchestration.engine import work  # noqa: E402
from orchestration.models import Run, Team  # noqa: E402
from orchestration.procedures import PROCEDURES  # noqa: E402
from orchestration.teams.dumping import dump  # noqa: E402
from workrooms.actions.rooms import create_workroom  # noqa: E402

taken = threading.local()


def answer(assignment: Assignment, _: Tools) -> dict[str, object]:
    """The brain: it takes no time, and says when it was asked."""
    taken.times.append(time.perf_counter())
    number = len(taken.times)
    said: dict[str, object] = {"summary": f"{assignment.agent} says {number}.", "number": number}
    if assignment.agent in ("a0", "a1") and assignment.goal == "handoff-3":
        said = {"handoff": {"to": f"a{int(assignment.agent[1]) + 1}", "payload": {"number": number}}}
    return said


def team_of(shape: str) -> dict[str, object]:
    """The team of a shape, as its YAML would say it."""
    pattern, _, count = shape.rpartition("-")
    names = [f"a{number}" for number in range(2 if pattern == "group-chat" else int(count))]
    more: dict[str, object] = {"until": f"last.output.number >= {count}"} if pattern == "group-chat" else {}
    if pattern == "handoff":
        more = {"handoffs": {"a0": ["a1"], "a1": ["a2"], "a2": []}}
    brain = {"role": "Plays a part", "brain": {"procedure": "rehearsal.script"}, "instructions": "Answer."}
    return {
        "schema": 1, "name": shape, "pattern": pattern.replace("-", "_"), "members": [{"agent": one} for one in names],
        "agents": {one: {**brain, "on_failure": "stop"} for one in names}, **more,
    }  # fmt: skip


def furnish(shape: str, runs: int) -> tuple[Organization, list[str]]:
    """Make an organization with the team and its runs, which nobody carries yet; return it and the runs' keys."""
    slug = f"bench-{time.time_ns()}"
    owner = User.objects.create_user(f"{slug}@bench.example", None, name="Olga")
    bench = create_organization(owner=owner, name="Bench", slug=slug)
    with unit_of_work(bench):
        room = create_workroom(bench, actor=owner, name=shape, slug=shape)
        draft = save_draft(room, actor=owner, slug=shape, text=dump(team_of(shape)))
        publish_team(draft, actor=owner, note="As it comes")
        team = Team.objects.select_related("published__team").get(pk=draft.pk)
    keys = []
    for _ in range(runs):
        with unit_of_work(bench):
            keys.append(json.dumps([str(bench.id), str(start_run(room, actor=owner, team=team, goal=shape).id)]))
    return bench, keys


def prepare(_: str) -> Carry:
    """Make this process a worker of the engine."""
    PROCEDURES["rehearsal.script"] = answer
    return carry


def carry(key: str) -> Sequence[float]:
    """Carry one run to its end."""
    organization, run = json.loads(key)
    taken.times = []
    work(UUID(organization), UUID(run))
    return [*taken.times, time.perf_counter()]


def main() -> None:
    """Measure one case, and refuse to answer if a run did not finish."""
    url, postmaster, case = asked()
    runs = case.runs + case.processes * warming(case)
    bench, keys = furnish(case.shape, runs)
    measured = measure(url, postmaster, case, keys, prepare)
    with unit_of_work(bench):
        mine = Run.objects.filter(pk__in=[json.loads(key)[1] for key in keys])
        finished = mine.filter(state=Run.State.FINISHED, budget__turns=TURNS[case.shape]).count()
    if finished != runs:
        raise SystemExit(f"{finished} of {runs} runs finished in {TURNS[case.shape]} turns")
    tell(measured)


if __name__ == "__main__":
    main()
