"""Planning, giving out, planning again, answering; and that no manager goes on for ever."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.patterns.base import Ask, Finish, Go, Reply, Start, State, Step, Terms, Wait
from orchestration.patterns.manager import next_step
from tests.orchestration.pattern_play import ADA, BEN, EXAMPLES, MANAGER, NAMES, REQUEST, after, finished, play, team

TERMS = Terms(manager=MANAGER)
ANY = ["ada", "ben", "cam"]
PLAN = {"tasks": [{"task": "Read", "agent": "ada"}]}
PLANNED = finished("manager", **PLAN)
READ = {"turn": 3, "agent": "ada", "task": "Read", "output": {"found": 1}}


def choice(step: str, name: Any, task: str = "Read", progress: bool = True, done: bool = False) -> Reply:
    return finished(step, next=name, task=task, progress=progress, done=done)


def desk(*results: dict[str, Any], plan: dict[str, Any] = PLAN, members: list[str] = ANY) -> dict[str, Any]:
    return {"request": REQUEST, "members": members, "plan": plan, "results": list(results)}


def managed(*replies: Reply, **more: Any) -> State:
    return after(*replies, **{"terms": TERMS, **more})


def ask(step: str, purpose: Any, *results: dict[str, Any], **more: Any) -> Start:
    return Start((Go(step, MANAGER, desk(*results, **more), purpose),))


ONCE = (PLANNED, choice("manager#2", "ada"), Reply("0", "finished", {"found": 1}, 3))
STALLED = (PLANNED, *(choice(f"manager#{number}", "zoe") for number in (2, 3, 4)))
ONE_ROUND = replace(TERMS, rounds=1)
THREE = (
    *ONCE,
    choice("manager#3", "ben"),
    Reply("1", "finished", {"b": 2}, 5),
    choice("manager#4", "cam"),
    Reply("2", "skipped", {}, 7),
)

TABLE: list[tuple[str, State, Step]] = [
    ("the manager plans first", managed(), ask("manager", "plan", plan={})),
    ("it is waited for", managed(started="manager"), Wait(("manager",))),
    ("then it chooses", managed(PLANNED), ask("manager#2", "choose")),
    (
        "people look at the plan if the team says so",
        managed(PLANNED, terms=replace(TERMS, reviewed=True)),
        Ask("Is this how maya should go about it?", "manager", "plan"),
    ),
    (
        "with their yes it goes on",
        managed(PLANNED, terms=replace(TERMS, reviewed=True), answered=frozenset({("manager", "plan")})),
        ask("manager#2", "choose"),
    ),
    (
        "without a plan it chooses all the same",
        managed(Reply("manager", "skipped")),
        ask("manager#2", "choose", plan={}),
    ),
    (
        "whom it names gets the task",
        managed(PLANNED, choice("manager#2", "ada")),
        Start((Go("0", ADA, {"task": "Read", "request": REQUEST}),)),
    ),
    ("what came of it lies on the desk", managed(*ONCE), ask("manager#3", "choose", READ)),
    (
        "a member may be asked again",
        managed(*ONCE, choice("manager#3", "ada", "Read more")),
        Start((Go("0#2", ADA, {"task": "Read more", "request": REQUEST}),)),
    ),
    (
        "naming nobody who can work is a stall",
        managed(PLANNED, choice("manager#2", "zoe")),
        ask("manager#3", "choose"),
    ),
    ("three stalls in a row make a new plan", managed(*STALLED), ask("manager#5", "plan")),
    (
        "no progress is a stall, though the work is given out",
        managed(PLANNED, *STALLED[1:3], choice("manager#4", "ben", progress=False), finished("1", b=2)),
        Start(
            (Go("manager#5", MANAGER, desk({"turn": 0, "agent": "ben", "task": "Read", "output": {"b": 2}}), "plan"),)
        ),
    ),
    (
        "and so is the same task for the same member again",
        managed(*ONCE, choice("manager#3", "ada"), finished("0#2", a=1), terms=replace(TERMS, repeats=1)),
        Ask("Nothing moves after 1 plans. Answer with what there is?", "manager#3", "rounds"),
    ),
    (
        "done: the manager answers",
        managed(*ONCE, choice("manager#3", None, done=True)),
        ask("manager#4", "final", READ),
    ),
    (
        "the answer says what it rests on",
        managed(*ONCE, choice("manager#3", None, done=True), finished("manager#4", summary="So.")),
        Finish({"references": [3], "summary": "So."}),
    ),
    (
        "who cannot answer leaves the last result",
        managed(*ONCE, choice("manager#3", None, done=True), Reply("manager#4", "skipped")),
        Finish({"found": 1}),
    ),
    (
        "too many tasks: people",
        managed(*THREE, terms=ONE_ROUND),
        Ask("Not done within 1 rounds. Answer with what there is?", "manager#4", "rounds"),
    ),
    (
        "or an answer with a warning",
        managed(*THREE, finished("manager#5", summary="So."), terms=replace(ONE_ROUND, on_max_rounds="best")),
        Finish({"references": [3, 5], "summary": "So."}, "Not done within 1 rounds."),
    ),
    (
        "who gave up is no longer offered",
        managed(PLANNED, choice("manager#2", "ada"), Reply("0", "skipped")),
        ask("manager#3", "choose", members=["ben", "cam"]),
    ),
    (
        "a failure is a question",
        managed(Reply("manager", "failed")),
        Ask("maya failed. Skip it, try again or stop?", "manager"),
    ),
    ("without a manager there is nothing to do", after(), Finish({})),
    ("a stranger's reply changes nothing", managed(finished("9", a=9), started="manager"), Wait(("manager",))),
]


@pytest.mark.parametrize(("why", "state", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_manager(why: str, state: State, step: Step) -> None:
    assert next_step(state) == step


def test_it_speaks_to_who_is_free_after_one_gave_up() -> None:
    replies = (PLANNED, choice("manager#2", "ada"), Reply("0", "skipped"), choice("manager#3", "ada"))
    assert next_step(managed(*replies)) == ask("manager#4", "choose", members=["ben", "cam"])
    assert next_step(managed(*replies, choice("manager#4", "ben"))) == Start(
        (Go("1", BEN, {"task": "Read", "request": REQUEST}),)
    )


def words(go: Go, data: st.DataObject) -> dict[str, Any]:
    if go.purpose == "plan":
        return {"tasks": [{"task": "Read", "agent": data.draw(NAMES)}]}
    if go.purpose != "choose":
        return {"by": go.step}
    task, progress = data.draw(st.sampled_from(["Read", "Count", "Write"])), data.draw(st.booleans())
    return {
        "next": data.draw(NAMES), "task": task, "progress": progress, "done": data.draw(st.integers(0, 9)) == 0
    }  # fmt: skip


@st.composite
def offices(draw: st.DrawFn) -> State:
    return team(draw, manager=MANAGER, reviewed=draw(st.booleans()))


@settings(max_examples=EXAMPLES, deadline=None)
@given(offices(), st.data())
def test_every_manager_comes_to_an_end(state: State, data: st.DataObject) -> None:
    tasks, plans = state.terms.rounds * len(state.members), state.terms.repeats
    played = play("manager", state, data, words, plans + (plans + tasks) * plans * 2 + tasks * 2 + 1)
    by_purpose = [go.purpose for go in played.gos]
    assert by_purpose.count("plan") <= plans
    assert by_purpose.count("work") <= tasks
    assert by_purpose.count("final") == 1 and by_purpose[-1] == "final"
    assert "late" not in str(played.result), "a second reply counted"
    reviewed = sum(ask.act == "plan" for ask in played.asked)
    assert reviewed <= by_purpose.count("plan") * state.terms.reviewed
