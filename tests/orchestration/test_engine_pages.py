"""What people see of questions that patterns ask: in the room, on the question's own page, on the run's page."""

from typing import Any

import pytest

from tests.cast import Cast, signed_in
from tests.orchestration.rehearsals import asked, rehearse, says, team_of

NO = {"approved": False, "reasons": ["Too short."]}
LONG = {"approved": False, "reasons": ["Too long."]}
TASKS = [{"task": "Read the policy", "agent": "ada"}]
QUESTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "plan": (
        team_of("manager", {"ada": says({}), "maya": says({"tasks": TASKS})}, manager="maya", plan_review="people"),
        "Is this how maya should go about it?",
    ),
    "route": (
        team_of("handoff", {"ada": says({"handoff": {"to": "people", "payload": {"n": 1}}}), "ben": says({})}),
        "ada hands this to people. Who goes on?",
    ),
    "rounds": (
        team_of(
            "group_chat", {"ada": says({"a": 1}, {"a": 2}), "ben": says(NO, LONG)}, until="false", limits={"rounds": 2}
        ),
        "Not settled within 2 rounds. Take what ada gave last?",
    ),
    "loop": (
        team_of("group_chat", {"ada": says({"a": 1}), "ben": says(NO)}, until="false"),
        "ada said the same 3 times in a row. Go on?",
    ),
}


@pytest.mark.parametrize("act", QUESTIONS)
def test_a_question_of_a_pattern_is_told_where_people_look(cast: Cast, act: str) -> None:
    definition, title = QUESTIONS[act]
    run = rehearse(cast, definition)
    question = asked(cast)
    assert (run.state, question.action["act"], question.title) == ("waiting", act, title)
    browser = signed_in(cast.pat)
    for path in (cast.path, f"{cast.path}runs/{run.number}/", f"/approvals/{question.id}/", "/approvals/"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert title.encode() in page.content, path
    own = browser.get(f"/approvals/{question.id}/").content.decode()
    assert "Approve to let the team go on; reject to end the run." in own
    if act == "plan":
        assert "Read the policy" in own
