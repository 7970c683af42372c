"""Each pattern from end to end through the engine, with scripted agents."""

from typing import Any

from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.models import Approval, Turn
from tests.cast import Cast
from tests.orchestration.rehearsals import answer, asked, rehearse, says, team_of, turns_of
from workrooms.models import Document

YES = {"approved": True, "reasons": []}
NO = {"approved": False, "reasons": ["Too short."]}
DRAFT, BETTER = {"text": "A draft."}, {"text": "A better draft."}


def test_maker_and_checker_go_on_until_it_is_approved(cast: Cast) -> None:
    agents = {"maker": says(DRAFT, BETTER), "checker": says(NO, YES)}
    run = rehearse(cast, team_of("group_chat", agents, until="last.output.approved"))
    assert (run.state, run.result, run.reason) == ("finished", BETTER, "")
    assert turns_of(cast, run) == [(name, "work", "finished") for name in ("maker", "checker") * 2]
    with unit_of_work(cast.harbor):
        last = Turn.objects.get(run=run, number=4)
    assert last.input["said"][-1] == {"agent": "maker", "output": BETTER}


def test_when_the_rounds_are_over_people_say_whether_it_will_do(cast: Cast) -> None:
    agents = {"maker": says(DRAFT, BETTER), "checker": says(NO, {**NO, "reasons": ["Too long."]})}
    run = rehearse(cast, team_of("group_chat", agents, until="last.output.approved", limits={"rounds": 2}))
    assert run.state == "waiting"
    assert asked(cast).title == "Not settled within 2 rounds. Take what maker gave last?"
    run = answer(cast, "edit", edits={"text": "Pat's own."})
    assert (run.state, run.result) == ("finished", {"text": "Pat's own."})
    assert run.reason == "Not settled within 2 rounds."


def test_a_speaker_who_does_not_exist_is_passed_over_and_that_is_recorded(cast: Cast) -> None:
    chooses = says({"next": "zoe", "done": False}, {"next": None, "done": True})
    run = rehearse(
        cast, team_of("group_chat", {"ada": says(DRAFT), "maya": chooses}, manager="maya", speaker={"by": "manager"})
    )
    assert (run.state, run.result) == ("finished", DRAFT)
    assert turns_of(cast, run) == [
        ("maya", "choose", "finished"),
        ("ada", "work", "finished"),
        ("maya", "choose", "finished"),
    ]
    with unit_of_work(cast.harbor):
        notes = [event.payload.get("note") for event in Event.objects.filter(kind="turn.started").order_by("seq")]
    assert notes == [None, "maya named zoe, who may not speak; ada is next.", None]


def test_a_rule_names_the_next_speaker(cast: Cast) -> None:
    agents = {"ada": says({"to": "cam"}), "ben": says({"to": "ada"}), "cam": says({"to": "", "approved": True})}
    more: dict[str, Any] = {"speaker": {"rule": "last.output.to"}, "until": "last.output.to == ''"}
    run = rehearse(cast, team_of("group_chat", agents, **more))
    assert [agent for agent, _, _ in turns_of(cast, run)] == ["ada", "cam"]


BILL = {"type": "object", "required": ["invoice"], "properties": {"invoice": {"type": "integer"}}}


def test_a_hand_over_carries_what_the_receiver_needs(cast: Cast) -> None:
    handed = {"handoff": {"to": "billing", "payload": {"invoice": 7}}}
    agents = {"triage": says(handed), "billing": says({"summary": "Paid."}, input=BILL), "claims": says({})}
    run = rehearse(cast, team_of("handoff", agents, handoffs={"triage": ["billing", "claims"]}, limits={"handoffs": 3}))
    assert (run.state, run.result) == ("finished", {"summary": "Paid."})
    with unit_of_work(cast.harbor):
        assert Turn.objects.get(run=run, agent="billing").input == {"invoice": 7}


def test_a_hand_over_that_lacks_something_is_repaired_by_who_hands_over(cast: Cast) -> None:
    without = {"handoff": {"to": "billing", "payload": {}}}
    right = {"handoff": {"to": "billing", "payload": {"invoice": 7}}}
    agents = {"triage": says(without, right), "billing": says({"summary": "Paid."}, input=BILL)}
    assert rehearse(cast, team_of("handoff", agents)).state == "finished"
    broken = {"triage": says(without), "billing": says({}, input=BILL)}
    run = rehearse(cast, team_of("handoff", broken))
    assert run.reason == "triage: The answer of triage breaks its contract, also after one repair."


def test_people_say_who_goes_on_when_nobody_fits(cast: Cast) -> None:
    handed = {"handoff": {"to": "people", "payload": {"invoice": 7}}, "summary": "Nobody here knows."}
    team = team_of("handoff", {"triage": says(handed), "billing": says({"summary": "Paid."})}, handoffs={})
    assert rehearse(cast, team).state == "waiting"
    assert asked(cast).title == "triage hands this to people. Who goes on?"
    run = answer(cast, "edit", edits={"handoff": {"to": "billing", "payload": {"invoice": 8}}})
    assert (run.state, run.result) == ("finished", {"summary": "Paid."})
    rehearse(cast, team)
    run = answer(cast)
    assert (run.state, run.result) == ("finished", {"summary": "Nobody here knows.", "invoice": 7})


TASKS = [{"task": "Read", "agent": "ada"}, {"task": "Count", "agent": "ben"}]
GIVES = [
    {"next": name, "task": task, "progress": True, "done": False} for name, task in (("ada", "Read"), ("ben", "Count"))
]
DONE = {"next": None, "task": "", "progress": True, "done": True}


def managed(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    agents = {"ada": says({"read": 1}), "ben": says({"count": 2}), "maya": says(*lines)}
    return team_of("manager", agents, manager="maya", limits={"turns": 60}, **more)


def test_a_manager_plans_gives_out_and_answers_with_references(cast: Cast) -> None:
    run = rehearse(cast, managed({"tasks": TASKS}, *GIVES, DONE, {"summary": "So.", "references": [3, 5]}))
    assert (run.state, run.result) == ("finished", {"summary": "So.", "references": [3, 5]})
    assert [purpose for _, purpose, _ in turns_of(cast, run)] == [
        "plan", "choose", "work", "choose", "work", "choose", "final"
    ]  # fmt: skip
    with unit_of_work(cast.harbor):
        plan = Document.objects.get(name=f"plan-{run.number}.md").revisions.order_by("-number")[0]
    assert "1. ada: Read\n2. ben: Count" in plan.text
    assert "- Turn 3, ada: Read (done)\n- Turn 5, ben: Count (done)" in plan.text


def test_an_answer_that_refers_to_nothing_that_happened_is_repaired(cast: Cast) -> None:
    wrong, right = {"summary": "So.", "references": [99]}, {"summary": "So.", "references": [3]}
    assert rehearse(cast, managed({"tasks": TASKS}, GIVES[0], DONE, wrong, right)).result == right


def test_what_a_manager_may_still_answer_when_nothing_moves(cast: Cast) -> None:
    stuck = {"next": "zoe", "task": "?", "progress": False, "done": False}
    lost: list[dict[str, Any]] = [{"tasks": TASKS}, stuck, stuck, stuck] * 3
    run = rehearse(cast, managed(*lost, {"summary": "I do not know.", "references": []}))
    assert run.state == "waiting"
    assert asked(cast).title == "Nothing moves after 3 plans. Answer with what there is?"
    run = answer(cast)
    assert (run.state, (run.result or {})["summary"]) == ("finished", "I do not know.")
    assert run.reason == "Nothing moves after 3 plans."
    with unit_of_work(cast.harbor):
        assert Approval.objects.get().state == "approved"
