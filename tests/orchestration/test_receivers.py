"""A person's message may start runs; an agent's never does."""

from pathlib import Path
from typing import Any

import pytest

from accounts.tenancy import unit_of_work
from config.demo.claims_papers import HANDBOOK
from orchestration.engine import work
from orchestration.models import Run
from tests.cast import Cast
from tests.orchestration.claims_room import furnish, paper, published
from tests.orchestration.offices import case
from workrooms.actions.documents import add_document
from workrooms.actions.messages import post_message
from workrooms.models import Message


@pytest.fixture
def room(cast: Cast, tmp_path: Path) -> Cast:
    """Claims team and librarian, the handbook and two claims."""
    furnish(cast, tmp_path, rows=2)
    with unit_of_work(cast.harbor):
        published(cast, "librarian")
        add_document(cast.room, actor=cast.bob, name="claims-handbook.md", content=HANDBOOK.encode())
        paper(cast, case("CL-4466"))
        paper(cast, case("CL-4467"))
    return cast


def said(cast: Cast, body: str, **more: Any) -> Message:
    with unit_of_work(cast.harbor):
        return post_message(cast.room, actor=more.pop("actor", cast.bob), body=body, **more)


def begun(cast: Cast) -> list[tuple[str, str, list[str]]]:
    """Team, goal and documents of every run."""
    with unit_of_work(cast.harbor):
        runs = Run.objects.filter(parent=None).order_by("number").select_related("version__team")
        return [(run.version.team.slug, run.goal, [one["name"] for one in run.documents]) for run in runs]


def replies(cast: Cast, message: Message) -> list[str]:
    with unit_of_work(cast.harbor):
        return list(Message.objects.filter(thread=message).order_by("seq").values_list("body", flat=True))


def test_a_question_to_the_librarian_is_answered_in_its_thread(room: Cast) -> None:
    message = said(room, "@librarian what is a high payout?")
    assert begun(room) == [("librarian", "what is a high payout?", [])]
    with unit_of_work(room.harbor):
        run = Run.objects.get()
    work(room.harbor.id, run.id)
    answer = replies(room, message)
    assert len(answer) == 1 and "above $75,000.00 a supervisor decides" in answer[0]


@pytest.mark.parametrize(
    "call", ["@auto-claims", "@Auto claims", '@"Auto claims"', "@AUTO CLAIMS", "@intake", "Hello @auto-claims,"]
)
def test_a_team_is_called_by_its_names(room: Cast, call: str) -> None:
    said(room, f"{call} settle claim-CL-4467.md")
    [(team, goal, documents)] = begun(room)
    assert (team, documents) == ("auto-claims", ["claim-CL-4467.md"])
    assert goal.endswith("settle claim-CL-4467.md")


def test_documents_are_those_named_and_those_attached(room: Cast) -> None:
    with unit_of_work(room.harbor):
        extra = add_document(room.room, actor=room.bob, name="photo.md", content=b"a photo")
    about = {"documents": [{"id": str(extra.id), "name": extra.name}]}
    said(room, "@auto-claims settle claim-CL-4467.md, not xclaim-CL-4466.md", about=about)
    assert begun(room)[0][2] == ["photo.md", "claim-CL-4467.md"]


@pytest.mark.parametrize(
    "body",
    ["auto-claims, settle it", "`@auto-claims` is the team", "```\n@librarian x\n```", "@Vera hello", "mail@intake"],
)
def test_other_words_start_nothing(room: Cast, body: str) -> None:
    said(room, body)
    assert begun(room) == []


def test_agents_are_not_heard(room: Cast) -> None:
    said(room, "@auto-claims settle claim-CL-4467.md", actor=room.ada)
    said(room, "/run auto-claims settle it", actor=room.ada)
    assert begun(room) == []


def test_a_mention_without_a_goal_is_answered(room: Cast) -> None:
    message = said(room, "@auto-claims")
    assert begun(room) == [] and replies(room, message) == ["Say what Auto claims should do, after its name."]


def test_who_may_not_start_runs_is_told_so(room: Cast) -> None:
    message = said(room, "@auto-claims settle claim-CL-4467.md", actor=room.vera)
    assert begun(room) == [] and "does not let you start and stop runs" in replies(room, message)[0]


def test_run_and_stop_as_commands(room: Cast) -> None:
    message = said(room, "/run auto-claims Settle claim-CL-4466.md")
    assert begun(room) == [("auto-claims", "Settle claim-CL-4466.md", ["claim-CL-4466.md"])]
    stopped = said(room, "/stop 1")
    assert replies(room, stopped) == ["Run 1 stops before its next model or tool call."]
    with unit_of_work(room.harbor):
        run = Run.objects.get()
        assert (run.state, run.thread_id) == ("stopping", message.id)


def test_stop_within_a_thread_stops_its_run(room: Cast) -> None:
    first = said(room, "@auto-claims settle claim-CL-4466.md")
    said(room, "@auto-claims settle claim-CL-4467.md")
    said(room, "/stop", thread=first)
    with unit_of_work(room.harbor):
        assert list(Run.objects.order_by("number").values_list("state", flat=True)) == ["stopping", "queued"]


def test_stop_alone_stops_all(room: Cast) -> None:
    said(room, "@auto-claims settle claim-CL-4466.md")
    assert replies(room, said(room, "/stop")) == ["1 run stops."]
    with unit_of_work(room.harbor):
        work(room.harbor.id, Run.objects.get().id)
    assert replies(room, said(room, "/stop")) == ["Nothing runs here."]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("/run", "Write /run"),
        ("/run auto-claims", "Write /run"),
        ("/run nobody do it", "no team of that name"),
        ("/stop everything", "Write /stop"),
        ("/stop 17", "no such run"),
    ],
)
def test_a_command_that_cannot_be_done_is_answered(room: Cast, body: str, answer: str) -> None:
    message = said(room, body)
    assert begun(room) == [] and answer in replies(room, message)[0]
