"""The inbox and an approval's own page."""

from pathlib import Path

import pytest
from django.test import Client

from accounts.tenancy import unit_of_work
from orchestration.engine import work
from orchestration.models import Approval, ApprovalDecision
from tests.cast import Cast, signed_in
from tests.orchestration.offices import question, run_of, settled
from workrooms.actions.documents import add_revision
from workrooms.models import Document, Message


@pytest.fixture
def asked(cast: Cast, tmp_path: Path) -> Approval:
    """Fraud review of CL-4466, asked for by Bob."""
    settled(cast, tmp_path, "CL-4466")
    return question(cast)


def answer(cast: Cast, approval: Approval, who: str, **given: str) -> tuple[int, str]:
    """Status and page after the redirect, if any."""
    given = {"digest": approval.digest, **given}
    response = signed_in(getattr(cast, who)).post(f"/approvals/{approval.id}/decisions/", given, follow=True)
    return response.status_code, response.content.decode()


def state(cast: Cast, approval: Approval) -> tuple[str, str]:
    with unit_of_work(cast.harbor):
        row = Approval.objects.get(pk=approval.pk)
        return row.state, row.execution


def test_the_inbox_shows_what_waits_for_whom(cast: Cast, asked: Approval) -> None:
    hers = signed_in(cast.pat).get("/approvals/").content.decode()
    assert "1 decision waits for you" in hers and asked.title in hers
    his = signed_in(cast.bob).get("/approvals/").content.decode()
    assert "Nothing needs you" in his and "Others decide" in his and asked.title in his
    assert asked.title not in signed_in(cast.charlie).get("/approvals/").content.decode()
    assert asked.title not in signed_in(cast.mallory).get("/approvals/").content.decode()


def test_the_badge(cast: Cast, asked: Approval) -> None:
    assert ">1<" in signed_in(cast.pat).get("/approvals/badge/").content.decode()
    assert signed_in(cast.bob).get("/approvals/badge/").content.decode().strip() == ""


def test_the_page_says_everything(cast: Cast, asked: Approval) -> None:
    html = signed_in(cast.pat).get(f"/approvals/{asked.id}/").content.decode()
    for said in ("Pay $12,480.50 to Dana Whitfield", "fraud-review", "Fraud score 68", "9,880.50", "Cannot be undone"):
        assert said in html
    assert "struck the right rear door" in html, "the papers' own words"
    assert 'id="approve"' in html and asked.digest in html and "You" in html and "Bob, who asked" in html
    his = signed_in(cast.bob).get(f"/approvals/{asked.id}/").content.decode()
    assert 'id="approve"' not in his and "You asked for this" in his


def test_approving(cast: Cast, asked: Approval) -> None:
    status, html = answer(cast, asked, "pat", decision="approve")
    assert status == 200 and "Decided: approved" in html
    work(cast.harbor.id, asked.run_id)
    assert state(cast, asked) == ("approved", "executed")
    assert run_of(cast, 1).state == "finished"
    assert signed_in(cast.pat).get(f"/approvals/{asked.id}/").status_code == 200


def test_editing_reads_money_as_people_write_it(cast: Cast, asked: Approval) -> None:
    given = {"decision": "edit", "edits.payout_cents": "$9,000.25", "edits.payee": "Dana Whitfield", "reason": "Agreed"}
    assert answer(cast, asked, "pat", **given)[0] == 200
    with unit_of_work(cast.harbor):
        assert ApprovalDecision.objects.get().edits == {"payout_cents": 900025}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"decision": "edit", "edits.payout_cents": "lots"}, "expected an amount such as"),
        ({"decision": "edit", "edits.payout_cents": "1.005"}, "expected an amount such as"),
        ({"decision": "edit", "edits.payout_cents": "-5"}, "breaks the agent"),
        ({"decision": "reject"}, "Say why"),
        ({"decision": "ask", "reason": " "}, "Say why"),
        ({"decision": "perhaps"}, "is no decision"),
    ],
)
def test_an_answer_that_cannot_be_taken(cast: Cast, asked: Approval, given: dict[str, str], said: str) -> None:
    status, html = answer(cast, asked, "pat", **given)
    assert status == 422 and said in html
    assert state(cast, asked) == ("open", "none")


def test_rejecting_says_why(cast: Cast, asked: Approval) -> None:
    status, html = answer(cast, asked, "pat", decision="reject", preset="Papers are missing", reason="No police report")
    assert status == 200 and "Decided: rejected" in html and "Papers are missing: No police report" in html
    work(cast.harbor.id, asked.run_id)
    assert run_of(cast, 1).state == "stopped" and "No police report" in run_of(cast, 1).reason


def test_asking_back_leaves_it_open(cast: Cast, asked: Approval) -> None:
    status, html = answer(cast, asked, "pat", decision="ask", reason="Who was driving?")
    assert status == 200 and "Who was driving?" in html
    assert state(cast, asked) == ("open", "none")
    with unit_of_work(cast.harbor):
        assert Message.objects.filter(author=cast.pat, body="@Bob Who was driving?").exists()


def test_who_was_quicker_is_said(cast: Cast, asked: Approval) -> None:
    answer(cast, asked, "pat", decision="approve")
    status, html = answer(cast, asked, "pat", decision="reject", reason="Wait")
    assert status == 409 and "Pat approved this" in html and "ago. Your answer was not taken." in html
    assert state(cast, asked)[0] == "approved"


def test_a_digest_of_something_else_is_refused(cast: Cast, asked: Approval) -> None:
    status, html = answer(cast, asked, "pat", decision="approve", digest="0" * 64)
    assert status == 409 and "no longer what is asked" in html
    assert state(cast, asked) == ("open", "none")


def test_when_a_document_changes_it_is_asked_again(cast: Cast, asked: Approval) -> None:
    with unit_of_work(cast.harbor):
        document = Document.objects.get(name="claim-CL-4466.md")
        add_revision(document, actor=cast.bob, content=b"# Another claim", expected=1)
    status, html = answer(cast, asked, "pat", decision="approve")
    assert status == 200 and "this is the new question" in html
    assert state(cast, asked) == ("superseded", "none")
    again = question(cast)
    assert again.id != asked.id and again.digest in html
    assert answer(cast, again, "pat", decision="approve")[0] == 200


def test_the_asker_and_others_may_not(cast: Cast, asked: Approval) -> None:
    for who in ("bob", "vera", "alice"):
        assert answer(cast, asked, who, decision="approve")[0] == 403
    for who in ("charlie", "mallory"):
        assert answer(cast, asked, who, decision="approve")[0] == 404
    assert state(cast, asked) == ("open", "none")
    assert Client().get(f"/approvals/{asked.id}/").status_code == 302
