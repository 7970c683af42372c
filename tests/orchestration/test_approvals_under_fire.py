"""Questions answered in any order, twice, at the same moment, too late, by who may no longer: one effect or a conflict.

Several outward calls wait for people at once; what was sent is what the receiver counts.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actions.organizations import add_member
from accounts.errors import Conflict, Forbidden
from accounts.models import User
from accounts.tenancy import unit_of_work
from orchestration.actions.deadlines import pass_deadline
from orchestration.actions.runs import stop_run
from orchestration.models import Approval, Run, Turn
from orchestration.tasks import heal
from tests.cast import Cast, person
from tests.live.receiver import Receiver
from tests.orchestration.offices import Program
from tests.orchestration.rehearsals import carried, rehearse
from tests.orchestration.test_engine_plans import ANSWER, GIVE, OTHER, OVER, PLAN, edit, reviewed
from tests.orchestration.three_senders import PARTS, closings, decide, parts, questions, three_senders, together
from workrooms.actions.documents import add_revision
from workrooms.actions.participants import add_participant, change_relation, remove_participant
from workrooms.models import Document, Workroom


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    with Receiver() as started:
        settings.WORKROOM_TRUSTED_HOSTS = [started.place]
        yield started


@pytest.fixture
def asking(cast: Cast, receiver: Receiver) -> Run:
    """A run of three agents at once, each of which waits for a yes to its call."""
    run = three_senders(cast, receiver.url)
    assert (run.state, len(questions(cast))) == ("waiting", 3)
    return run


@pytest.fixture
def paula(cast: Cast) -> User:
    """A second approver."""
    other = person("Paula")
    with unit_of_work(cast.harbor):
        add_member(cast.harbor, actor=cast.alice, user=other)
        add_participant(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=other, relation="approver")
    return other


@pytest.mark.parametrize("order", permutations(PARTS), ids="-".join)
def test_in_any_order_and_twice_each_is_done_once(
    cast: Cast, asking: Run, receiver: Receiver, order: tuple[str, ...]
) -> None:
    asked = questions(cast)
    for part in order:
        decide(cast, asked[part], cast.pat)
        asking = carried(cast, asking)
        with pytest.raises(Conflict, match="Pat already decided: approved"):
            decide(cast, asked[part], cast.pat)
    assert (asking.state, parts(receiver)) == ("finished", Counter(PARTS))


@pytest.mark.parametrize("verbs", [("approve", "approve"), ("approve", "reject"), ("reject", "reject")], ids="-".join)
def test_of_two_answers_at_the_same_moment_one_counts(
    cast: Cast, asking: Run, paula: User, receiver: Receiver, verbs: tuple[str, str]
) -> None:
    asked = questions(cast)["left"]
    first, second = verbs
    came = together(lambda: decide(cast, asked, cast.pat, first), lambda: decide(cast, asked, paula, second))
    assert sorted(came) == ["Conflict", "done"]
    carried(cast, asking)
    yes = verbs[came.index("done")] == "approve"
    assert (parts(receiver)["left"], closings(cast)[str(asked.id)]) == (int(yes), 1)


def test_all_at_once_from_many_connections_while_workers_carry_the_run(
    cast: Cast, asking: Run, paula: User, receiver: Receiver
) -> None:
    answers = [
        (lambda row=row, who=who: decide(cast, row, who))
        for row in questions(cast).values()
        for who in (cast.pat, paula)
    ]
    came = together(*answers, lambda: carried(cast, asking), lambda: carried(cast, asking))
    assert Counter(came) == {"done": 3 + 2, "Conflict": 3}
    together(*[lambda: carried(cast, asking)] * 4)
    assert (carried(cast, asking).state, parts(receiver)) == ("finished", Counter(PARTS))
    assert set(closings(cast).values()) == {1}


@pytest.mark.parametrize("due", [None, datetime(2026, 1, 1, tzinfo=UTC)], ids=["not-noted", "due"])
def test_an_answer_whose_hint_was_lost_is_found(
    cast: Cast, asking: Run, receiver: Receiver, hints: list[str], due: datetime | None
) -> None:
    """Everything is restarted between the answer and the work: nobody tells a worker of it, but `heal` finds it."""
    for row in questions(cast).values():
        decide(cast, row, cast.pat)
    with unit_of_work(cast.harbor):
        Run.objects.filter(pk=asking.pk).update(heal_at=due)
    hints.clear()
    heal()
    assert hints == [str(asking.id)]
    assert (carried(cast, asking).state, parts(receiver)) == ("finished", Counter(PARTS))


def test_what_waits_for_people_is_not_looked_at_again_and_again(cast: Cast, asking: Run, hints: list[str]) -> None:
    hints.clear()
    heal()
    assert hints == []


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that workers are told of."""
    told: list[str] = []
    monkeypatch.setattr("orchestration.tasks.enqueue", lambda run: told.append(str(run.id)))
    return told


def leaves(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        remove_participant(Workroom.objects.get(pk=cast.room.pk), actor=cast.alice, user=cast.pat)


def is_demoted(cast: Cast) -> None:
    with unit_of_work(cast.harbor):
        room = Workroom.objects.get(pk=cast.room.pk)
        change_relation(room, actor=cast.alice, user=cast.pat, relation="viewer")


@pytest.mark.parametrize("gone", [leaves, is_demoted])
def test_who_may_no_longer_decide_decides_nothing(
    cast: Cast, asking: Run, paula: User, receiver: Receiver, gone: Callable[[Cast], None]
) -> None:
    asked = questions(cast)["left"]
    gone(cast)
    with pytest.raises(Forbidden):
        decide(cast, asked, cast.pat)
    carried(cast, asking)
    assert parts(receiver) == Counter()
    decide(cast, asked, paula)
    carried(cast, asking)
    assert parts(receiver) == {"left": 1}


@pytest.mark.parametrize("gone", [leaves, is_demoted])
def test_leaving_and_deciding_at_the_same_moment(
    cast: Cast, asking: Run, receiver: Receiver, gone: Callable[[Cast], None]
) -> None:
    asked = questions(cast)["left"]
    came = together(lambda: gone(cast), lambda: decide(cast, asked, cast.pat))
    carried(cast, asking)
    assert came[0] == "done" and came[1] in ("done", "Forbidden")
    assert parts(receiver)["left"] == closings(cast)[str(asked.id)] == int(came[1] == "done")


def test_an_answer_after_the_run_was_stopped_is_a_conflict(cast: Cast, asking: Run, receiver: Receiver) -> None:
    asked = questions(cast)["left"]
    with unit_of_work(cast.harbor):
        stop_run(Run.objects.get(pk=asking.pk), actor=cast.bob)
    assert carried(cast, asking).state == "stopped"
    with pytest.raises(Conflict, match="superseded"):
        decide(cast, asked, cast.pat)
    assert (carried(cast, asking).state, parts(receiver)) == ("stopped", Counter())


def test_stopping_and_approving_at_the_same_moment(cast: Cast, asking: Run, receiver: Receiver) -> None:
    asked = questions(cast)["left"]

    def stop() -> None:
        with unit_of_work(cast.harbor):
            stop_run(Run.objects.get(pk=asking.pk), actor=cast.bob)

    came = together(stop, lambda: decide(cast, asked, cast.pat), lambda: carried(cast, asking))
    assert came[0] == "done" and came[1] in ("done", "Conflict")
    assert (carried(cast, asking).state, parts(receiver)["left"] <= 1) == ("stopped", True)


def test_the_deadline_and_an_answer_at_the_same_moment(cast: Cast, asking: Run, receiver: Receiver) -> None:
    asked = questions(cast)["left"]
    with unit_of_work(cast.harbor):
        Approval.objects.filter(pk=asked.pk).update(deadline=asked.created_at, otherwise="reject")

    def pass_it() -> None:
        with unit_of_work(cast.harbor):
            pass_deadline(asked.id)

    came = together(pass_it, lambda: decide(cast, asked, cast.pat))
    carried(cast, asking)
    with unit_of_work(cast.harbor):
        state = Approval.objects.get(pk=asked.pk).state
    assert (state, parts(receiver)["left"]) == (("approved", 1) if came[1] == "done" else ("expired", 0))


def test_an_unclear_call_is_confirmed_once(cast: Cast, asking: Run, paula: User, receiver: Receiver) -> None:
    """The receiver took it and the connection broke: it is not sent again, whoever says so, however often."""
    receiver.behave("reset")
    decide(cast, questions(cast)["left"], cast.pat)
    carried(cast, asking)
    asked = questions(cast)["left"]
    assert asked.action["act"] == "confirm"
    came = together(*[lambda who=who: decide(cast, asked, who) for who in (cast.pat, paula)])
    assert sorted(came) == ["Conflict", "done"]
    for row in questions(cast).values():
        decide(cast, row, cast.pat)
    assert (carried(cast, asking).state, parts(receiver)) == ("finished", Counter(PARTS))


def test_what_did_not_happen_is_sent_under_the_same_key(cast: Cast, asking: Run, receiver: Receiver) -> None:
    """A person who looked too early says no; the receiver can tell by the key that it is the same."""
    receiver.behave("reset")
    for verb in ("approve", "reject", "approve", "approve"):
        decide(cast, questions(cast)["left"], cast.pat, verb)
        carried(cast, asking)
        if "left" not in questions(cast):
            break
    (key,) = {one["key"] for one in receiver.received}
    assert receiver.counts[key] == 2


def test_over_http_one_of_two_connections_is_told_that_it_came_too_late(
    cast: Cast, asking: Run, paula: User, receiver: Receiver
) -> None:
    asked = questions(cast)["left"]
    answers: list[Any] = []

    def post(program: Program, key: str) -> None:
        program.headers["Idempotency-Key"] = key
        body = {"decision": "approve", "digest": asked.digest}
        answers.append(program.call("POST", f"/approvals/{asked.id}/decisions", body))

    pat, again, other = Program(cast, cast.pat), Program(cast, cast.pat), Program(cast, paula)
    together(lambda: post(pat, "one"), lambda: post(again, "one"), lambda: post(other, "another"))
    codes = Counter(answer.status_code for answer in answers)
    assert codes in ({201: 2, 409: 1}, {201: 1, 409: 2})
    refusals = [answer.json()["detail"] for answer in answers if answer.status_code == 409]
    assert all("already decided: approved" in refusal for refusal in refusals)
    carried(cast, asking)
    assert (parts(receiver)["left"], closings(cast)[str(asked.id)]) == (1, 1)


def test_over_http_a_document_that_changed_is_asked_about_again_once(
    cast: Cast, asking: Run, paula: User, receiver: Receiver
) -> None:
    asked = questions(cast)["left"]
    with unit_of_work(cast.harbor):
        letter = Document.objects.get(name="letter.md")
        add_revision(letter, actor=cast.bob, content=b"# Another letter", expected=1)
    codes: list[int] = []

    def post(program: Program) -> None:
        body = {"decision": "approve", "digest": asked.digest}
        codes.append(program.call("POST", f"/approvals/{asked.id}/decisions", body).status_code)

    pat, other = Program(cast, cast.pat), Program(cast, paula)
    together(lambda: post(pat), lambda: post(other))
    assert codes == [409, 409]
    with unit_of_work(cast.harbor):
        states = Counter(Approval.objects.filter(turn=asked.turn_id).values_list("state", flat=True))
    assert states == {"superseded": 1, "open": 1}
    carried(cast, asking)
    assert parts(receiver) == Counter()
    decide(cast, questions(cast)["left"], cast.pat)
    carried(cast, asking)
    assert parts(receiver) == {"left": 1}


def test_a_plan_edited_at_the_moment_it_is_approved(cast: Cast) -> None:
    """Whichever came first: nobody works before the plan as it stands has its own yes."""
    run = rehearse(cast, reviewed(PLAN, GIVE, OVER, ANSWER))
    (asked,) = questions(cast).values()
    came = together(lambda: edit(cast, run, OTHER), lambda: decide(cast, asked, cast.pat), lambda: carried(cast, run))
    run = carried(cast, run)
    assert came[0] == came[2] == "done" and came[1] in ("done", "Conflict")
    with unit_of_work(cast.harbor):
        worked = Turn.objects.filter(purpose="work").exists()
    if not worked:
        (again,) = questions(cast).values()
        assert again.action["output"]["tasks"][0]["task"] == "Read the claim"
        decide(cast, again, cast.pat)
        run = carried(cast, run)
    assert (run.state, closings(cast)[str(asked.id)] <= 1) == ("finished", True)
