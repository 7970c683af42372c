"""While people are away, others decide for them: in their time, in their rooms, one vote a right, never handed on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.members import take_out
from accounts.errors import Conflict, Forbidden, Invalid, NotFound
from accounts.models import Delegation, Event, User
from accounts.tenancy import unit_of_work
from orchestration.actions.approvals import decide_approval
from orchestration.approvals.inbox import decidable_by
from orchestration.models import Approval
from orchestration.policies import deciders, may_decide
from tests.cast import Cast, signed_in
from tests.orchestration.asking_people import answer, ask
from tests.orchestration.offices import Program, question, settled
from workrooms.actions.delegating import delegate, end_delegation
from workrooms.actions.participants import change_relation, remove_participant
from workrooms.actions.rooms import create_workroom
from workrooms.models import Workroom

HOUR = timedelta(hours=1)


@pytest.fixture
def waiting(cast: Cast, tmp_path: Path) -> Approval:
    """The high payout of CL-4471: for approvers, that is Pat; Bob asked."""
    settled(cast, tmp_path, "CL-4471")
    return question(cast)


def away(cast: Cast, person: User, deputy: User, **more: Any) -> Delegation:
    """`person` is away for an hour, `deputy` decides for them."""
    with unit_of_work(cast.harbor):
        return delegate(actor=person, deputy=deputy, until=timezone.now() + HOUR, **more)


def decide(cast: Cast, approval: Approval, who: User) -> Approval:
    with unit_of_work(cast.harbor):
        now = Approval.objects.get(pk=approval.pk)
        return decide_approval(now, actor=who, decision="approve", digest=now.digest, reason="Fine.")


def able(cast: Cast, approval: Approval) -> set[str]:
    """Who may decide it, as the policy, the inbox and the card say: they agree about everybody."""
    with unit_of_work(cast.harbor):
        row = Approval.objects.select_related("workroom", "run").get(pk=approval.pk)
        people = {name: getattr(cast, name) for name in ("alice", "bob", "pat", "olivia", "vera", "charlie")}
        by_policy = {name for name, user in people.items() if may_decide(user, row) is None}
        assert by_policy == {name for name, user in people.items() if decidable_by(user).filter(pk=row.pk).exists()}
        assert by_policy == {one.user.name.lower() for one in deciders(row)}
        return by_policy


def test_a_deputy_decides_and_the_ledger_says_for_whom(cast: Cast, waiting: Approval) -> None:
    assert able(cast, waiting) == {"pat"}
    away(cast, cast.pat, cast.vera)
    assert able(cast, waiting) == {"pat", "vera"}
    assert decide(cast, waiting, cast.vera).state == "approved"
    with unit_of_work(cast.harbor):
        event = Event.objects.get(kind="approval.approved")
        assert (event.actor, event.on_behalf_of) == (cast.vera.ledger_name, cast.pat.ledger_name)
        given = waiting.decisions.get()
        assert (given.user, given.on_behalf_of) == (cast.vera, cast.pat)
        set_ = Event.objects.get(kind="delegation.set")
        assert (set_.actor, set_.payload["deputy"]) == (cast.pat.ledger_name, "Vera")


def test_in_their_own_right_people_decide_for_themselves(cast: Cast, waiting: Approval) -> None:
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        change_relation(room, actor=cast.alice, user=cast.vera, relation="approver")
    away(cast, cast.pat, cast.vera)
    decide(cast, waiting, cast.vera)
    with unit_of_work(cast.harbor):
        assert waiting.decisions.get().on_behalf_of is None
        assert Event.objects.get(kind="approval.approved").on_behalf_of is None


def test_who_asked_does_not_decide_for_somebody_else(cast: Cast, waiting: Approval) -> None:
    away(cast, cast.pat, cast.bob)
    assert able(cast, waiting) == {"pat"}
    with pytest.raises(Forbidden):
        decide(cast, waiting, cast.bob)


def test_what_was_handed_to_a_deputy_is_not_handed_on(cast: Cast, waiting: Approval) -> None:
    away(cast, cast.pat, cast.vera)
    away(cast, cast.vera, cast.olivia)
    assert able(cast, waiting) == {"pat", "vera"}
    with pytest.raises(Forbidden, match="you are auditor"):
        decide(cast, waiting, cast.olivia)


def test_only_in_its_time_and_until_it_is_ended(cast: Cast, waiting: Approval) -> None:
    later = away(cast, cast.pat, cast.vera, since=timezone.now() + HOUR / 2)
    assert able(cast, waiting) == {"pat"}
    with unit_of_work(cast.harbor):
        Delegation.objects.filter(pk=later.pk).update(since=timezone.now() - HOUR)
    assert able(cast, waiting) == {"pat", "vera"}
    with unit_of_work(cast.harbor):
        Delegation.objects.filter(pk=later.pk).update(until=timezone.now())
    assert able(cast, waiting) == {"pat"}
    again = away(cast, cast.pat, cast.vera)
    assert able(cast, waiting) == {"pat", "vera"}
    with unit_of_work(cast.harbor), pytest.raises(NotFound):
        end_delegation(again.id, actor=cast.alice)
    with unit_of_work(cast.harbor):
        end_delegation(again.id, actor=cast.pat)
    assert able(cast, waiting) == {"pat"}
    with pytest.raises(Forbidden):
        decide(cast, waiting, cast.vera)


def test_only_where_both_are(cast: Cast, waiting: Approval) -> None:
    with unit_of_work(cast.harbor):
        other = create_workroom(cast.harbor, actor=cast.pat, name="Other", slug="other")
        room = Workroom.objects.get(pk=cast.room.pk)
    away(cast, cast.pat, cast.charlie)
    assert able(cast, waiting) == {"pat"}, "Charlie is not in the room"
    with unit_of_work(cast.harbor), pytest.raises(Invalid, match="cannot be arranged"):
        delegate(actor=cast.pat, deputy=cast.vera, until=timezone.now() + HOUR, room=other)
    away(cast, cast.pat, cast.vera, room=room)
    assert able(cast, waiting) == {"pat", "vera"}
    with unit_of_work(cast.harbor):
        remove_participant(Workroom.objects.get(pk=room.pk), actor=cast.alice, user=cast.vera)
    assert able(cast, waiting) == {"pat"}
    assert signed_in(cast.vera).get(f"/approvals/{waiting.id}/").status_code == 404


def test_nobody_decides_for_who_could_not(cast: Cast, waiting: Approval) -> None:
    away(cast, cast.pat, cast.vera)
    away(cast, cast.olivia, cast.vera)
    with unit_of_work(cast.harbor):
        change_relation(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat, relation="editor")
    assert able(cast, waiting) == set()


def test_over_the_api_and_on_the_pages(cast: Cast, waiting: Approval) -> None:
    pat, vera = Program(cast, cast.pat), Program(cast, cast.vera)
    until = (timezone.now() + HOUR).isoformat()
    for wrong in ({"deputy": str(cast.pat.id)}, {"until": timezone.now().isoformat()}):
        given = {"deputy": str(cast.vera.id), "until": until, **wrong}
        assert pat.send("POST", "/delegations", given, status=422)["errors"]
    pat.send("POST", "/delegations", {"deputy": str(cast.mallory.id), "until": until}, status=404)
    made = pat.send("POST", "/delegations", {"deputy": str(cast.vera.id), "until": until}, status=201)
    assert pat.send("POST", "/delegations", {"deputy": str(cast.bob.id), "until": until}, status=409)["errors"]
    assert [one["id"] for one in vera.get("/delegations")["items"]] == [made["id"]]
    shown = vera.get(f"/approvals/{waiting.id}")
    assert (shown["may_decide"], shown["for_whom"]["name"]) == (True, "Pat")
    page = signed_in(cast.vera).get(f"/approvals/{waiting.id}/").content.decode()
    assert "<b>Vera</b> decides for Pat until" in page and "You decide this for Pat, who is away" in page
    for own in ("/o/harbor/away/", "/o/harbor/settings/"):
        assert "<b>Vera</b>" in signed_in(cast.pat).get(own).content.decode()
    answer = {"decision": "approve", "digest": waiting.digest}
    done = vera.send("POST", f"/approvals/{waiting.id}/decisions", answer, status=201)
    assert done["decisions"][0]["on_behalf_of"]["name"] == "Pat"
    assert "for Pat," in signed_in(cast.bob).get(f"/approvals/{waiting.id}/").content.decode()
    assert pat.call("DELETE", f"/delegations/{made['id']}").status_code == 204
    assert pat.call("DELETE", f"/delegations/{made['id']}").status_code == 404


def test_leaving_the_organization_ends_it(cast: Cast) -> None:
    away(cast, cast.pat, cast.vera)
    with unit_of_work(cast.harbor):
        take_out(cast.harbor, actor=cast.alice, user_id=cast.vera.id)
        assert not Delegation.objects.filter(revoked_at=None).exists()


def test_the_same_time_is_given_once(cast: Cast) -> None:
    away(cast, cast.pat, cast.vera)
    with pytest.raises(Conflict, match="Vera decides for you"):
        away(cast, cast.pat, cast.bob)


def test_what_is_lent_takes_no_right_of_ones_own(cast: Cast, waiting: Approval) -> None:
    lend(cast, cast.pat, "owner")
    assert able(cast, waiting) == {"pat"}
    shown = Program(cast, cast.pat).get(f"/approvals/{waiting.id}")
    assert (shown["may_decide"], shown["for_whom"]) == (True, None)
    page = signed_in(cast.pat).get(f"/approvals/{waiting.id}/").content.decode()
    assert 'value="approve"' in page and "you are owner" not in page
    away(cast, cast.pat, cast.vera)
    assert able(cast, waiting) == {"pat", "vera"}, "nor of who decides for them"
    decide(cast, waiting, cast.pat)
    with unit_of_work(cast.harbor):
        assert waiting.decisions.get().on_behalf_of is None


def test_what_is_lent_alone_gives_no_more_than_it_is(cast: Cast, waiting: Approval) -> None:
    lend(cast, cast.vera, "owner")
    assert able(cast, waiting) == {"pat"}
    away(cast, cast.pat, cast.vera)
    assert able(cast, waiting) == {"pat", "vera"}


def lend(cast: Cast, who: User, relation: str) -> None:
    """`who` is given a relation to the claims room for an hour."""
    answer(cast, ask(cast, who, timezone.now() + HOUR, kind="relation", relation=relation), cast.alice)
