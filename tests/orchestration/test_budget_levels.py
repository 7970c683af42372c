"""Budgets of organization, room, run and turn: one statement for all of them, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import Invalid
from accounts.models import Event
from accounts.tenancy import unit_of_work
from orchestration.actions.allowances import set_allowance, this_month
from orchestration.actions.means import set_endpoint
from orchestration.actions.runs import start_run
from orchestration.limits.budgets import OverLimit, release, reserve, settle
from orchestration.limits.later import Later
from orchestration.models import Allowance, Budget, Run, Turn
from orchestration.teams.plan import AgentLimits
from tests.cast import Cast
from tests.orchestration.claims_room import published
from tests.orchestration.model_room import TEAM
from workrooms.actions.rooms import create_workroom
from workrooms.models import Workroom

EXAMPLES = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CENT = 1_000_000


def begun(cast: Cast, turns: int = 2) -> list[Turn]:
    """The first turns of a new run."""
    with unit_of_work(cast.harbor):
        set_endpoint(actor=cast.alice, slug="scripted", url="https://9.9.9.9/v1", model="m", price="1/2")
        team = published(cast, "helper", TEAM % ("stop", 500))
        run = start_run(cast.room, actor=cast.bob, team=team, goal="Count.")
        make = {"organization": cast.harbor, "run": run, "agent": "helper", "user": cast.ada}
        return [Turn.objects.create(**make, number=number, member=str(number)) for number in range(1, turns + 1)]


@dataclass
class Level:
    """What a level should hold, worked out beside the database."""

    cap: int | None
    spent: int = 0
    held: int = 0

    def fits(self, amount: int) -> bool:
        return self.cap is None or self.spent + self.held + amount <= self.cap


def standing(cast: Cast) -> list[tuple[int, int]]:
    """Spent and reserved of the organization, the room and the run."""
    with unit_of_work(cast.harbor):
        whole, room = Allowance.objects.get(workroom=None), Allowance.objects.get(workroom=cast.room)
        return [(row.tokens, row.tokens_reserved) for row in (whole, room, Budget.objects.get())]


acts = st.lists(
    st.tuples(st.sampled_from(["reserve", "settle", "release"]), st.integers(0, 1), st.integers(0, 60)), max_size=25
)
caps = st.one_of(st.none(), st.integers(0, 200))


def test_whatever_turns_do_no_level_passes_its_cap(cast: Cast) -> None:
    turns = begun(cast)

    @EXAMPLES
    @given(acts=acts, whole=caps, room=caps, run=st.integers(0, 200), own=caps)
    def keeps(acts: list[tuple[str, int, int]], whole: Any, room: Any, run: int, own: Any) -> None:
        with unit_of_work(cast.harbor):
            Allowance.objects.all().delete()
            set_allowance(None, actor=cast.alice, tokens=whole)
            set_allowance(cast.room, actor=cast.alice, tokens=room)
            Budget.objects.update(tokens_cap=run, tokens=0, tokens_reserved=0, tokens_excused=0, microcents=0)
            Turn.objects.update(tokens=0, tokens_reserved=0, microcents=0, microcents_reserved=0)
        levels, own_levels = [Level(whole), Level(room), Level(run)], [Level(own), Level(own)]
        for act, which, amount in acts:
            _one_act(cast, turns[which].id, act, amount, own, [*levels, own_levels[which]], own_levels[which].held)
        assert standing(cast) == [(level.spent, level.held) for level in levels]
        with unit_of_work(cast.harbor):
            assert not Allowance.objects.exclude(tokens_excused=0).exists(), "nobody spent more than was reserved"

    keeps()


def _one_act(cast: Cast, turn_id: UUID, act: str, amount: int, own: Any, levels: list[Level], held: int) -> None:
    with unit_of_work(cast.harbor):
        turn = Turn.objects.select_related("run__workroom").get(pk=turn_id)
        if act == "reserve" and not all(level.fits(amount) for level in levels):
            for_good = any(level.cap is not None and level.spent + amount > level.cap for level in levels)
            with pytest.raises((OverLimit, Later)) as refused:
                reserve(turn, amount, 0, AgentLimits(tokens=own))
            assert for_good or refused.type is Later, "what is only reserved may come free again"
        elif act == "reserve":
            reserve(turn, amount, 0, AgentLimits(tokens=own))
            for level in levels:
                level.held += amount
        else:
            took = min(amount, held) if act == "settle" else 0
            settle(turn, took, 0) if act == "settle" else release(turn)
            for level in levels:
                level.spent, level.held = level.spent + took, level.held - held


def test_concurrent_turns_cannot_overspend_any_level(cast: Cast) -> None:
    turns = begun(cast, turns=16)
    with unit_of_work(cast.harbor):
        set_allowance(None, actor=cast.alice, cost_cents=100)
        set_allowance(cast.room, actor=cast.alice, cost_cents=7)

    def spends(turn: Turn) -> int:
        done = 0
        try:
            for _ in range(5):
                try:
                    with unit_of_work(cast.harbor):
                        reserve(turn, 10, CENT)
                except (OverLimit, Later):
                    continue
                with unit_of_work(cast.harbor):
                    settle(turn, 10, CENT // 2)
                done += 1
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(8) as pool:
        calls = sum(pool.map(spends, turns))
    with unit_of_work(cast.harbor):
        room = Allowance.objects.get(workroom=cast.room)
    assert (room.microcents, room.microcents_reserved) == (calls * CENT // 2, 0)
    assert 7 * CENT - CENT < room.microcents <= 7 * CENT and room.microcents_excused == 0
    assert standing(cast)[0] == standing(cast)[2] == (calls * 10, 0)


def test_the_table_itself_refuses_what_passes_a_cap(cast: Cast) -> None:
    begun(cast)
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, cost_cents=1, tokens=10)
    wrong: list[tuple[Any, dict[str, Any]]] = [
        (Allowance, {"microcents": CENT + 1}), (Allowance, {"microcents_reserved": CENT + 1}),
        (Allowance, {"tokens_reserved": 11}), (Budget, {"tokens": 10**9}), (Budget, {"microcents_reserved": 10**12}),
        (Budget, {"turns": 31}),
    ]  # fmt: skip
    for model, change in wrong:
        with pytest.raises(IntegrityError, match="within_cap"), unit_of_work(cast.harbor):
            model.objects.update(**change)


@pytest.mark.parametrize(
    ("whole", "room", "own", "says"),
    [
        (1, None, None, "The limit of $0.01 of the organization this month would be passed"),
        (None, 1, None, "The limit of $0.01 of Auto claims this month would be passed"),
        (None, None, 1, "The limit of $0.01 for one turn of helper would be passed"),
    ],
)
def test_the_level_that_is_short_is_named(cast: Cast, whole: Any, room: Any, own: Any, says: str) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        set_allowance(None, actor=cast.alice, cost_cents=whole)
        set_allowance(cast.room, actor=cast.alice, cost_cents=room)
        with pytest.raises(OverLimit, match=says.replace("$", r"\$")):
            reserve(turn, 10, 2 * CENT, AgentLimits(cost_cents=own))
        assert (Budget.objects.get().tokens_reserved, Allowance.objects.filter(tokens_reserved__gt=0).count()) == (0, 0)


def test_an_unknown_price_is_refused_where_only_cost_is_capped_and_counted_as_unknown_elsewhere(cast: Cast) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, cost_cents=100)
        with pytest.raises(OverLimit, match="The price of this model is unknown"):
            reserve(turn, 10, None)
        set_allowance(cast.room, actor=cast.alice, cost_cents=100, tokens=100)
        reserve(turn, 10, None)
        settle(turn, 8, None)
        turn.refresh_from_db()
        assert turn.unpriced_tokens == this_month(cast.room).unpriced_tokens == 8


def test_what_a_server_takes_beyond_the_worst_case_is_booked_and_excused(cast: Cast) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, cost_cents=1)
        reserve(turn, 10, CENT)
        settle(turn, 30, 3 * CENT)
        room = this_month(cast.room)
        assert (room.microcents, room.microcents_excused) == (3 * CENT, 2 * CENT)
        with pytest.raises(OverLimit):
            reserve(turn, 0, 1)


def test_a_late_worker_books_what_it_took_and_leaves_the_other_ones_reservation(cast: Cast) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        reserve(turn, 10, CENT)
        release(Turn.objects.get(pk=turn.pk))
        Turn.objects.filter(pk=turn.pk).update(attempt=1)
        reserve(turn, 20, CENT)
        settle(turn, 5, CENT, attempt=0)
    assert standing(cast) == [(5, 20)] * 3


def test_a_cap_below_what_is_spent_lets_nothing_more_be_spent(cast: Cast) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        reserve(turn, 50, 0)
        settle(turn, 50, 0)
        row = set_allowance(None, actor=cast.alice, tokens=20)
        assert row.tokens_excused == 30
        with pytest.raises(OverLimit, match="20 tokens of the organization"):
            reserve(turn, 1, 0)
        assert set_allowance(None, actor=cast.alice, tokens=60).tokens_excused == 0
        reserve(turn, 10, 0)
        with pytest.raises(Invalid):
            set_allowance(None, actor=cast.alice, tokens=-1)
    with unit_of_work(cast.harbor):
        assert Event.objects.filter(kind="budget.set").count() == 2


def test_a_new_month_begins_with_the_caps_and_without_the_spending_of_the_one_before(cast: Cast) -> None:
    turn = begun(cast)[0]
    now = timezone.now()
    before = date(now.year - 1, now.month, 1)
    with unit_of_work(cast.harbor):
        set_allowance(cast.room, actor=cast.alice, cost_cents=5, tokens=100)
        Allowance.objects.filter(workroom=cast.room).update(month=before, tokens=100)
        reserve(turn, 90, 0)
        row = Allowance.objects.get(workroom=cast.room, month__gt=before)
        assert (row.tokens_cap, row.microcents_cap, row.tokens, row.tokens_reserved) == (100, 5 * CENT, 0, 90)


def test_rooms_share_the_organizations_and_have_their_own(cast: Cast) -> None:
    turn = begun(cast)[0]
    with unit_of_work(cast.harbor):
        fleet = create_workroom(cast.harbor, actor=cast.alice, name="Fleet", slug="fleet")
        set_allowance(None, actor=cast.alice, tokens=100)
        set_allowance(cast.room, actor=cast.alice, tokens=60)
        other = Turn.objects.create(
            organization=cast.harbor, number=1, member="0", agent="helper", user=cast.ada,
            run=_copied(turn.run, fleet),
        )  # fmt: skip
        reserve(turn, 60, 0)
        with pytest.raises(Later, match="left of the limit of 100 tokens of the organization this month is reserved"):
            reserve(other, 41, 0)
        with pytest.raises(OverLimit, match="organization"):
            reserve(other, 101, 0)
        reserve(other, 40, 0)


def _copied(run: Run, room: Workroom) -> Run:
    caps = {"turns_cap": 9, "tokens_cap": 10**6, "microcents_cap": 10**9, "seconds_cap": 60}
    names = {"organization_id": run.organization_id, "version": run.version, "requester": run.requester, "number": 1}
    copy: Run = Run.objects.create(**names, workroom=room, goal="Count.")
    Budget.objects.create(organization_id=run.organization_id, run=copy, **caps)
    return copy
