"""Two runs side by side: fields that differ, member by member, the result first."""

from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from orchestration.actions.forking import fork_run
from orchestration.intervening.changes import Changes
from orchestration.intervening.differing import Difference, differences
from orchestration.intervening.order import find_turn
from orchestration.models import Run
from tests.cast import Cast, signed_in
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import answer, carried, rehearse, says, team_of

TRIO = {"ada": says({"n": 1}), "ben": says({"doubled": "$input.n"}), "cyn": says({"doubled": -1})}
PAIR = [{"agent": "ada"}, {"agent": "ben"}]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}}, [("a.b.1", 2, None)]),
        ({}, {"a": "x"}, [("a", None, "x")]),
        ({"a": [1]}, {"a": {"0": 1}}, [("a", [1], {"0": 1})]),
        ({"a": True}, {"a": 1}, [("a", True, 1)]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ],
)
def test_fields_that_differ(first: Any, second: Any, found: list[tuple[str, Any, Any]]) -> None:
    assert differences(first, second) == [Difference(*one) for one in found]
    assert [one.path for one in differences(second, first)] == [one[0] for one in found]


def test_no_more_fields_than_people_read() -> None:
    assert len(differences(dict.fromkeys(map(str, range(500)), 1), {})) == 200


def pair(cast: Cast) -> tuple[Run, Run]:
    """A run whose first answer Pat approved, and one begun from it with another agent."""
    look = {"name": "look", "when": "agent == 'ada'"}
    assert rehearse(cast, team_of("sequential", TRIO, PAIR, exceptions=[look])).state == "waiting"
    origin = answer(cast)
    with unit_of_work(cast.harbor):
        found = Run.objects.select_related("version__team__published", "workroom").get(pk=origin.pk)
        run = fork_run(found, find_turn(found, 1), actor=cast.alice, changes=Changes(agents={"ben": "cyn"}))
    carried(cast, run)
    return origin, answer(cast, reason="Once more.")


def test_over_the_api(cast: Cast) -> None:
    origin, run = pair(cast)
    vera = Program(cast, cast.vera)
    found = vera.get(f"/runs/{origin.pk}/compare/{run.pk}")
    assert found["result"] == [{"path": "doubled", "first": 1, "second": -1}]
    ada, ben = found["members"]
    assert (ada["agent"], ada["first"]["taken_over"], ada["second"]["taken_over"]) == ("ada", False, True)
    assert [ada[name]["decisions"][0].split(", ", 1)[1] for name in ("first", "second")] == [
        "approved by Pat: Because.", "approved by Pat: Once more."
    ]  # fmt: skip
    assert ben["differs"] and ben["output"] == [{"path": "doubled", "first": 1, "second": -1}] and not ben["input"]
    assert {one["path"] for one in found["task"]} == {"team", "asked by"}
    assert found["spent"][1]["turns"] == 1
    same = vera.get(f"/runs/{origin.pk}/compare/{origin.pk}")
    assert same["result"] == same["task"] == [] and not any(each["differs"] for each in same["members"])
    vera.get(f"/runs/{origin.pk}/compare/{cast.room.id}", 404)
    Program(cast, cast.mallory, cast.outsider).get(f"/runs/{origin.pk}/compare/{run.pk}", 404)


def test_on_the_page(cast: Cast) -> None:
    origin, run = pair(cast)
    vera, page = signed_in(cast.vera), f"{cast.path}runs/{run.number}/"
    assert f"compare/?with={origin.number}" in vera.get(page).content.decode()
    shown = vera.get(f"{page}compare/?with={origin.number}").content.decode()
    assert shown.index("doubled") < shown.index("Member by member") and "taken over" in shown
    assert "changed for this run" in shown and "Once more." in shown
    asked = vera.get(f"{page}compare/").content.decode()
    assert f'<option value="{origin.number}"' in asked and "Member by member" not in asked
    assert vera.get(f"{page}compare/?with=99").status_code == 404
