"""Two of several people have to agree: votes, votes that fall, and one no that ends it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.organizations import add_member
from accounts.errors import Forbidden
from accounts.models import Event, User
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.approvals.inbox import decidable_by
from orchestration.engine import work
from orchestration.models import Approval, Run
from tests.cast import Cast, person
from tests.orchestration.claims_room import GALLERY, begin, furnish, paper, published
from tests.orchestration.test_engine import numbered
from workrooms.actions.delegating import delegate
from workrooms.actions.participants import add_participant
from workrooms.models import Workroom


@pytest.fixture
def paula(cast: Cast) -> User:
    """A second approver."""
    second = person("Paula")
    with unit_of_work(cast.harbor):
        add_member(cast.harbor, actor=cast.alice, user=second)
        room = Workroom.objects.get(pk=cast.room.pk)
        add_participant(room, actor=cast.alice, user=second, relation="approver")
    return second


@pytest.fixture
def waiting(cast: Cast, paula: User, tmp_path: Path) -> Approval:
    """The high payout of CL-4471, which two people have to approve."""
    furnish(cast, tmp_path)
    text = (GALLERY / "auto-claims.yaml").read_text().replace("relation: approver,", "relation: approver, quorum: 2,")
    assert "quorum: 2" in text
    with unit_of_work(cast.harbor):
        team = published(cast, "auto-claims", text)
        run = begin(cast, team, paper(cast, numbered("CL-4471")))
    work(cast.harbor.id, run.id)
    with unit_of_work(cast.harbor):
        approval: Approval = Approval.objects.select_related("run").get()
        return approval


def answer(cast: Cast, approval: Approval, who: User, decision: str, **more: Any) -> Approval:
    with unit_of_work(cast.harbor):
        now = Approval.objects.get(pk=approval.pk)
        decide_approval(now, actor=who, decision=decision, digest=now.digest, reason="Because.", **more)
    work(cast.harbor.id, approval.run_id)
    with unit_of_work(cast.harbor):
        kept: Approval = Approval.objects.select_related("run").get(pk=approval.pk)
        return kept


def test_one_yes_of_two_leaves_it_open(cast: Cast, waiting: Approval, paula: User) -> None:
    first = answer(cast, waiting, cast.pat, "approve")
    assert (first.state, first.run.state) == ("open", "waiting")
    with unit_of_work(cast.harbor):
        assert first.votes == ["Pat"]
        assert Event.objects.filter(kind="approval.voted").count() == 1
    with pytest.raises(Forbidden, match="waits for 1 more"):
        answer(cast, waiting, cast.pat, "approve")
    second = answer(cast, waiting, paula, "approve")
    assert (second.state, second.execution, second.run.state) == ("approved", "executed", "finished")


def test_one_no_ends_it(cast: Cast, waiting: Approval, paula: User) -> None:
    answer(cast, waiting, cast.pat, "approve")
    refused = answer(cast, waiting, paula, "reject")
    assert (refused.state, refused.run.state) == ("rejected", "stopped")


def test_an_edit_makes_earlier_votes_fall_and_is_what_is_done(cast: Cast, waiting: Approval, paula: User) -> None:
    answer(cast, waiting, cast.pat, "approve")
    edited = answer(cast, waiting, paula, "edit", edits={"payout_cents": 7_000_000})
    assert edited.state == "open"
    assert edited.digest != waiting.digest
    with unit_of_work(cast.harbor):
        assert edited.votes == ["Paula"]
    done = answer(cast, waiting, cast.pat, "approve")
    assert done.state == "approved"
    with unit_of_work(cast.harbor):
        assert Run.objects.get(pk=waiting.run_id).result["due_cents"] == 7_000_000


def test_a_deputy_of_two_people_counts_once_and_a_right_gives_one_vote(
    cast: Cast, waiting: Approval, paula: User
) -> None:
    with unit_of_work(cast.harbor):
        for absent in (cast.pat, paula):
            delegate(actor=absent, deputy=cast.vera, until=timezone.now() + timedelta(hours=1))
    first = answer(cast, waiting, cast.vera, "approve")
    assert first.state == "open"
    with unit_of_work(cast.harbor):
        assert waiting.decisions.get().on_behalf_of == cast.pat
        assert list(decidable_by(cast.vera)) == list(decidable_by(cast.pat)) == []
    with pytest.raises(Forbidden):
        answer(cast, waiting, cast.vera, "approve")
    with pytest.raises(Forbidden, match="somebody did for you"):
        answer(cast, waiting, cast.pat, "approve")
    assert answer(cast, waiting, paula, "approve").state == "approved"


def test_who_has_voted_lends_no_second_vote(cast: Cast, waiting: Approval, paula: User) -> None:
    answer(cast, waiting, cast.pat, "approve")
    with unit_of_work(cast.harbor):
        delegate(actor=cast.pat, deputy=cast.vera, until=timezone.now() + timedelta(hours=1))
    with pytest.raises(Forbidden):
        answer(cast, waiting, cast.vera, "approve")
    with unit_of_work(cast.harbor):
        delegate(actor=paula, deputy=cast.vera, until=timezone.now() + timedelta(hours=1))
    assert answer(cast, waiting, cast.vera, "approve").state == "approved", "two people, two rights"
