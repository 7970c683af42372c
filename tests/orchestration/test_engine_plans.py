"""A plan is a document that people read, edit and approve; with other tasks it is asked about again."""

from typing import Any

import pytest

from accounts.errors import Conflict
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.models import Approval, Run, Turn
from orchestration.planning import tasks_of
from tests.cast import Cast
from tests.orchestration.rehearsals import answer, asked, carried, rehearse, says, team_of
from workrooms.actions.documents import add_revision
from workrooms.models import Document

PLAN = {"tasks": [{"task": "Read the policy", "agent": "ada"}], "facts": ["It is raining."]}
GIVE = {"next": "ada", "task": "Read the policy", "progress": True, "done": False}
OVER = {"next": None, "task": "", "progress": True, "done": True}
ANSWER = {"summary": "So.", "references": [3]}
OTHER = "# Plan\n\n## Tasks\n\n1. ada: Read the claim\n2) Ask Bob\n\n## Known\n\n- Nothing.\n"


def reviewed(*lines: dict[str, Any]) -> dict[str, Any]:
    agents = {"ada": says({"read": 1}), "maya": says(*lines)}
    return team_of("manager", agents, manager="maya", plan_review="people", limits={"turns": 40, "rounds": 3})


@pytest.fixture
def planned(cast: Cast) -> Run:
    return rehearse(cast, reviewed(PLAN, GIVE, OVER, ANSWER))


def edit(cast: Cast, run: Run, text: str) -> None:
    with unit_of_work(cast.harbor):
        document = Document.objects.get(name=f"plan-{run.number}.md")
        add_revision(document, actor=cast.bob, content=text.encode(), expected=document.revision)


def text_of(cast: Cast, run: Run) -> str:
    with unit_of_work(cast.harbor):
        return str(Document.objects.get(name=f"plan-{run.number}.md").revisions.order_by("-number")[0].text)


def test_nothing_is_given_out_before_people_approved_the_plan(cast: Cast, planned: Run) -> None:
    assert (planned.state, asked(cast).action["act"]) == ("waiting", "plan")
    with unit_of_work(cast.harbor):
        assert [turn.purpose for turn in Turn.objects.all()] == ["plan"]
    assert "1. ada: Read the policy" in text_of(cast, planned)
    run = answer(cast)
    assert (run.state, run.result) == ("finished", ANSWER)
    assert "- Turn 3, ada: Read the policy (done)" in text_of(cast, planned)


def test_rejecting_the_plan_ends_the_run(cast: Cast, planned: Run) -> None:
    assert answer(cast, "reject", reason="Too dear.").reason == "Rejected by Pat: Too dear."


def test_an_edit_with_the_approval_is_the_plan(cast: Cast, planned: Run) -> None:
    tasks = [{"task": "Read the claim", "agent": "ada"}]
    run = answer(cast, "edit", edits={"tasks": tasks})
    assert run.state == "finished"
    with unit_of_work(cast.harbor):
        assert Turn.objects.get(number=2).input["plan"]["tasks"] == tasks
        assert Event.objects.filter(kind="turn.edited").count() == 1
    assert "1. ada: Read the claim" in text_of(cast, planned)


def test_a_plan_that_was_edited_in_the_room_is_asked_about_again(cast: Cast, planned: Run) -> None:
    old = asked(cast)
    edit(cast, planned, OTHER)
    carried(cast, planned)
    new = asked(cast)
    assert (new.pk != old.pk, new.digest != old.digest) == (True, True)
    assert new.action["output"]["tasks"] == [
        {"task": "Read the claim", "agent": "ada"}, {"task": "Ask Bob", "agent": ""}
    ]  # fmt: skip
    with unit_of_work(cast.harbor), pytest.raises(Conflict):
        decide_approval(old, actor=cast.pat, decision="approve", digest=old.digest)
    assert answer(cast).state == "finished"
    with unit_of_work(cast.harbor):
        assert str(cast.bob.id) in str(Event.objects.get(kind="plan.edited").actor)


def test_a_yes_to_a_plan_that_changed_meanwhile_lets_nobody_work(cast: Cast, planned: Run) -> None:
    """Bob edits after Pat looked; the engine sees the edit only when Pat's yes brings the run on."""
    edit(cast, planned, OTHER)
    run = answer(cast)
    assert run.state == "waiting"
    with unit_of_work(cast.harbor):
        assert [turn.purpose for turn in Turn.objects.all()] == ["plan"]
        assert Approval.objects.filter(state="approved").count() == 1
    assert asked(cast).action["output"]["tasks"][0]["task"] == "Read the claim"
    assert answer(cast).state == "finished"


@pytest.mark.parametrize("text", ["# Plan\n\n## Tasks\n\nNothing to do.\n", "1. ada: Read the claim\n"])
def test_a_text_that_is_no_plan_changes_nothing(cast: Cast, planned: Run, text: str) -> None:
    edit(cast, planned, text)
    carried(cast, planned)
    assert asked(cast).action["output"]["tasks"] == PLAN["tasks"]
    assert "1. ada: Read the policy" in text_of(cast, planned), "the plan as it is stands in the document again"


def test_a_new_plan_is_asked_about_anew(cast: Cast) -> None:
    lost = {"next": "zoe", "task": "?", "progress": False, "done": False}
    rehearse(
        cast,
        reviewed(
            PLAN, lost, lost, lost, {"tasks": [{"task": "Give up", "agent": "ada"}]}, OVER, {**ANSWER, "references": []}
        ),
    )
    assert asked(cast).turn.member == "manager"
    assert answer(cast).state == "waiting"
    assert asked(cast).turn.member == "manager#5"
    assert answer(cast).state == "finished"


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("## Tasks\n- ada: One\n* Two: of them\n\n3. ben:  Three \n## Done\n- cam: Four", ["One", "of them", "Three"]),
        ("## TASKS\n\ntext\n1. One", ["One"]),
        ("# Tasks\n1. One", []),
        ("", []),
    ],
)
def test_what_a_plan_lists(text: str, tasks: list[str]) -> None:
    assert [task["task"] for task in tasks_of(text)] == tasks
