"""Exceptions become questions; people answer them once, and what was answered is done once."""

from pathlib import Path
from typing import Any

import pytest

from accounts.errors import Conflict, Forbidden, Invalid
from accounts.models import User
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval, supersede
from orchestration.engine import work
from orchestration.models import Approval, ApprovalDecision, Run, ToolCall, Turn
from tests.cast import Cast
from tests.orchestration.claims_room import begin, furnish, paper
from tests.orchestration.test_engine import numbered
from workrooms.actions.documents import add_revision
from workrooms.models import Document, Message


@pytest.fixture
def waiting(cast: Cast, tmp_path: Path) -> Approval:
    """The high payout of CL-4471, asked for by Bob."""
    team = furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, numbered("CL-4471")))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        approval: Approval = Approval.objects.select_related("run").get()
        return approval


def decide(cast: Cast, approval: Approval, who: User, decision: str, **more: Any) -> Approval:
    with unit_of_work(cast.harbor):
        fields = {"digest": approval.digest, "reason": "Because.", **more}
        answered = decide_approval(approval, actor=who, decision=decision, **fields)
    work(cast.harbor.id, approval.run_id)
    return answered


def state_of(cast: Cast, approval: Approval) -> tuple[str, str, str]:
    with unit_of_work(cast.harbor):
        row = Approval.objects.select_related("run").get(pk=approval.pk)
        return row.state, row.execution, row.run.state


def letters(cast: Cast) -> list[str]:
    with unit_of_work(cast.harbor):
        return list(Document.objects.filter(name__startswith="letter-").values_list("name", flat=True))


def test_a_high_payout_waits_for_a_supervisor(cast: Cast, waiting: Approval) -> None:
    assert waiting.title == "Pay $81,240.00 to Marcus Hale for CL-4471"
    assert [rule["name"] for rule in waiting.rules] == ["high-payout"]
    assert state_of(cast, waiting) == ("open", "none", "waiting")
    assert letters(cast) == []


def test_approved_it_is_done_once(cast: Cast, waiting: Approval) -> None:
    decide(cast, waiting, cast.pat, "approve")
    assert state_of(cast, waiting) == ("approved", "executed", "finished")
    assert letters(cast) == ["letter-CL-4471.md"]
    with pytest.raises(Conflict, match="Pat already decided: approved"):
        decide(cast, waiting, cast.pat, "approve")
    with unit_of_work(cast.harbor):
        assert Turn.objects.filter(agent="settlement").count() == 1
        assert ToolCall.objects.filter(tool="documents.write").count() == 1
        entry = Message.objects.get(pk=waiting.entry_id)
    assert (entry.kind, "$81,240.00" in entry.html) == ("receipt", True)


def test_an_edited_amount_is_what_is_paid(cast: Cast, waiting: Approval) -> None:
    decide(cast, waiting, cast.pat, "edit", edits={"payout_cents": 7_000_000})
    with unit_of_work(cast.harbor):
        result = Run.objects.get(pk=waiting.run_id).result
        letter = Document.objects.get(name="letter-CL-4471.md").revisions.get()
    assert result["due_cents"] == 7_000_000
    assert "$70,000.00" in letter.text
    assert "Pat" in letter.text


def test_an_edit_that_breaks_the_contract_changes_nothing(cast: Cast, waiting: Approval) -> None:
    with pytest.raises(Invalid) as refused:
        decide(cast, waiting, cast.pat, "edit", edits={"payout_cents": -1})
    assert "payout_cents" in refused.value.errors[0][1]
    assert state_of(cast, waiting) == ("open", "none", "waiting")


def test_rejected_it_goes_back_and_nothing_is_done(cast: Cast, waiting: Approval) -> None:
    decide(cast, waiting, cast.pat, "reject", reason="The valuation is missing.")
    assert state_of(cast, waiting) == ("rejected", "none", "stopped")
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=waiting.run_id).reason == "Rejected by Pat: The valuation is missing."
    assert letters(cast) == []


def test_asked_back_it_stays_open(cast: Cast, waiting: Approval) -> None:
    decide(cast, waiting, cast.pat, "ask", reason="Which valuation is this?")
    assert state_of(cast, waiting) == ("open", "none", "waiting")
    with unit_of_work(cast.harbor):
        assert Message.objects.filter(thread_id=waiting.entry_id, body__contains="Which valuation").count() == 1
        assert ApprovalDecision.objects.get().decision == "ask"


@pytest.mark.parametrize("name", ["bob", "vera", "olivia", "alice"])
def test_only_who_may_decide_decides(cast: Cast, waiting: Approval, name: str) -> None:
    with pytest.raises(Forbidden):
        decide(cast, waiting, getattr(cast, name), "approve")
    assert state_of(cast, waiting) == ("open", "none", "waiting")


def test_the_requester_does_not_approve_a_high_payout(cast: Cast, tmp_path: Path) -> None:
    team = furnish(cast, tmp_path)
    with unit_of_work(cast.harbor):
        run = begin(cast, team, paper(cast, numbered("CL-4471")), actor=cast.pat)
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        approval = Approval.objects.get()
    with pytest.raises(Forbidden, match="You asked for this"):
        decide(cast, approval, cast.pat, "approve")


def test_a_stale_digest_is_a_conflict(cast: Cast, waiting: Approval) -> None:
    with pytest.raises(Conflict, match="no longer what is asked"):
        decide(cast, waiting, cast.pat, "approve", digest="0" * 64)


def test_a_changed_document_is_asked_again(cast: Cast, waiting: Approval) -> None:
    with unit_of_work(cast.harbor):
        document = Document.objects.get(name__contains="CL-4471")
        add_revision(document, actor=cast.bob, content=b"# Another story\n", expected=1)
    with pytest.raises(Conflict, match="A document changed"):
        decide(cast, waiting, cast.pat, "approve")
    with unit_of_work(cast.harbor):
        successor = supersede(waiting, actor=cast.pat)
    assert successor.digest != waiting.digest
    assert state_of(cast, waiting)[0] == "superseded"
    decide(cast, successor, cast.pat, "approve")
    assert state_of(cast, successor) == ("approved", "executed", "finished")


def test_an_unrelated_document_asks_nobody_again(cast: Cast, waiting: Approval) -> None:
    with unit_of_work(cast.harbor):
        paper(cast, numbered("CL-4466"))
    decide(cast, waiting, cast.pat, "approve")
    assert state_of(cast, waiting)[0] == "approved"
