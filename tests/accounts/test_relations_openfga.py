"""Our answers about relations beside those of an evaluator that is not ours (OpenFGA), on generated questions."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from accounts.actions.organizations import add_member
from accounts.models import User
from accounts.relations import PERMISSIONS, grant, permissions_of, revoke
from accounts.tenancy import unit_of_work
from tests.cast import Cast, person
from workrooms.actions.rooms import create_workroom
from workrooms.models import Workroom

MODEL = Path(__file__).with_name("relations.fga")
PEOPLE, ROOMS, CHANGES, LEAST = 13, 9, 90, 1_000


def test_relations_answer_as_openfga_does(cast: Cast, tmp_path: Path) -> None:
    draw = random.Random(4)
    people = [person(f"Person{number}") for number in range(PEOPLE)]
    with unit_of_work(cast.harbor):
        for one in people:
            add_member(cast.harbor, actor=cast.alice, user=one)
        rooms = [create_workroom(cast.harbor, actor=cast.alice, name=f"Room {number}") for number in range(ROOMS)]
        related = _change(draw, cast.alice, people, rooms)
        checks: list[dict[str, Any]] = [
            {
                "user": f"user:{one.id}",
                "object": f"workroom:{room.id}",
                "assertions": {name: name in permissions_of(one, room) for name in sorted(PERMISSIONS["owner"])},
            }
            for one in people
            for room in rooms
        ]
    answers = [answer for check in checks for answer in check["assertions"].values()]
    assert len(answers) >= LEAST
    assert 0 < sum(answers) < len(answers)
    assert _openfga(tmp_path, related, checks) == f"Checks {len(answers)}/{len(answers)} passing"


def test_the_comparison_notices_a_wrong_answer(tmp_path: Path) -> None:
    check = {"user": "user:a", "object": "workroom:r", "assertions": {"view": True, "manage_room": True}}
    assert _openfga(tmp_path, {("a", "r"): "viewer"}, [check]) == "Checks 1/2 passing"


def _change(
    draw: random.Random, actor: User, people: list[User], rooms: list[Workroom]
) -> dict[tuple[object, object], str]:
    """Grant, change and revoke at random; return who is what in which room at the end."""
    related: dict[tuple[object, object], str] = {}
    for _ in range(CHANGES):
        one, room = draw.choice(people), draw.choice(rooms)
        if (one.id, room.id) in related and draw.random() < 0.4:
            revoke(actor, one, room)
            del related[one.id, room.id]
        else:
            relation = draw.choice(sorted(PERMISSIONS))
            grant(actor, one, relation, room)
            related[one.id, room.id] = relation
    return related


def _openfga(folder: Path, related: dict[tuple[object, object], str], checks: list[dict[str, Any]]) -> str:
    """Return the evaluator's count of answers that it shares."""
    store = {
        "name": "relations",
        "model": MODEL.read_text(),
        "tuples": [
            {"user": f"user:{user}", "relation": relation, "object": f"workroom:{room}"}
            for (user, room), relation in related.items()
        ],
        "tests": [{"name": "ours", "check": checks}],
    }
    path = folder / "store.fga.yaml"
    path.write_text(yaml.safe_dump(store))
    evaluator = Path(sys.executable).with_name("fga")
    told = subprocess.run([evaluator, "model", "test", "--tests", path], capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    return next((line.strip() for line in lines if line.strip().startswith("Checks ")), told.stderr)
