"""A subject's content leaves runs as well: inputs, outputs, tool calls and questions."""

import json
from pathlib import Path

import pytest

from accounts.errors import Conflict
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.engine import work
from orchestration.models import Approval, Run, ToolCall, Turn
from tests.cast import Cast, signed_in
from tests.orchestration.claims_room import begin, furnish, paper
from tests.orchestration.test_engine import numbered
from workrooms.actions.erasing import erase_subject
from workrooms.models import Message, Revision

SUBJECT = "Marcus Hale"


def kept(cast: Cast) -> str:
    """All text that rows of the room still hold."""
    with unit_of_work(cast.harbor):
        rows = [
            *Run.objects.values("goal", "input", "result", "documents"),
            *Turn.objects.values("input", "output", "saw", "error"),
            *ToolCall.objects.values("arguments", "result", "saw"),
            *Approval.objects.values("title", "action"),
            *Message.objects.values("body", "html", "about"),
            *Revision.objects.values("text"),
            *Event.objects.values("payload"),
        ]
        return json.dumps(rows)


def test_a_finished_run_is_emptied_and_its_pages_still_open(cast: Cast, tmp_path: Path) -> None:
    team = furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, numbered("CL-4471")))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        approval = Approval.objects.get()
    with pytest.raises(Conflict, match="not ended"), unit_of_work(cast.harbor):
        erase_subject(cast.room, actor=cast.alice, words=[SUBJECT], reason="Request 3")
    assert SUBJECT in kept(cast)
    with unit_of_work(cast.harbor):
        decide_approval(approval, actor=cast.pat, decision="approve", digest=approval.digest, reason="Right.")
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        counts = erase_subject(cast.room, actor=cast.alice, words=[SUBJECT], reason="Request 3")
    assert counts["documents"] == 2
    assert SUBJECT.lower() not in kept(cast).lower()
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=run.id).state == "finished"
    browser = signed_in(cast.alice)
    for path in (
        cast.path,
        f"{cast.path}runs/",
        f"{cast.path}runs/{run.number}/",
        f"/approvals/{approval.id}/",
        "/approvals/",
    ):
        assert browser.get(path, follow=True).status_code == 200, path
